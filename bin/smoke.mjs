/**
 * `npm start -- --smoke` checks the whole program. It starts the program as for a window, in a folder of its own, reads
 * the window's page and policy, and then, by the calls that the window makes, imports the sample and trains a short run
 * to its end. It ends with 0 where all of this worked.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { root } from './launch.mjs';

const START_MS = 60_000;
const TRAIN_MS = 300_000;
const LOOK_MS = 250;
const ADDRESS = /http:\/\/127\.0\.0\.1:(\d+)\/#token=([\w-]+)/;

const check = (right, what) => {
  if (!right) throw new Error(what);
};

function within(promise, ms, what) {
  const late = new Promise((_, reject) =>
    setTimeout(() => reject(new Error(`${what} took more than ${ms / 1000} s`)), ms).unref(),
  );
  return Promise.race([promise, late]);
}

/** Reads the printed address. @returns its port and token */
function addressOf(host) {
  let said = '';
  return new Promise((resolve, reject) => {
    const hear = (bytes) => {
      said += bytes;
      const found = ADDRESS.exec(said);
      if (found) resolve({ port: found[1], token: found[2] });
    };
    host.stdout.on('data', hear);
    host.stderr.on('data', hear);
    host.once('exit', (code) => reject(new Error(`it ended with ${code}: ${said}`)));
  });
}

async function connect({ port, token }) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, { origin: `http://127.0.0.1:${port}` });
  const waiting = new Map();
  let next = 0;
  await once(socket, 'open');
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    waiting.get(message.type === 'reply' ? message.id : message.type)?.(message);
  });
  const welcome = new Promise((resolve) => waiting.set('welcome', resolve));
  socket.send(JSON.stringify({ type: 'hello', token }));
  await welcome;
  return async (name, args) => {
    const id = ++next;
    const answered = new Promise((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ type: 'call', id, name, args }));
    const { reply } = await answered;
    waiting.delete(id);
    check(reply.ok, `${name}: ${reply.error?.what} ${reply.error?.why}`);
    return reply.value;
  };
}

async function looksRight(port) {
  const page = await fetch(`http://127.0.0.1:${port}/`);
  const policy = page.headers.get('content-security-policy') ?? '';
  check(page.ok && (await page.text()).includes('<div id="app">'), 'the window has no page');
  check(policy.includes("default-src 'self'") && !policy.includes('unsafe'), `the window's policy is ${policy}`);
}

async function trained(call, run) {
  for (;;) {
    const { summary } = await call('runs.get', { run });
    if (summary.state === 'completed') return summary;
    check(
      !['failed', 'interrupted', 'stopped'].includes(summary.state),
      `the run is ${summary.state}: ${summary.error?.what}`,
    );
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

const home = mkdtempSync(join(tmpdir(), 'efficienttrain-smoke-'));
const host = spawn(process.execPath, [join(root, 'out', 'main', 'cli.js'), 'serve', '--port', '0', '--home', home], {
  stdio: ['ignore', 'pipe', 'pipe'],
});
const ended = once(host, 'exit');
try {
  const address = await within(addressOf(host), START_MS, 'the start');
  await looksRight(address.port);
  const call = await within(connect(address), START_MS, 'the welcome');
  const { dataset } = await within(call('datasets.sample', {}), START_MS, 'the import of the sample');
  const draft = { name: 'smoke', dataset, model: 'resnet_micro', size: 32, equivalent_epochs: 3 };
  const { run } = await call('plans.start', { draft, draft_id: null });
  const { step, steps, best } = await within(trained(call, run), TRAIN_MS, 'the run');
  check(step === steps && best?.value > 0.1, `the run has ${step} of ${steps} steps and best ${best?.value}`);
  console.log(`Smoke run completed: ${steps} steps, val/top1 ${(best.value * 100).toFixed(1)} %.`);
} catch (error) {
  console.error(`Smoke failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  host.kill('SIGINT');
  await ended;
  rmSync(home, { recursive: true, force: true });
}
// Sockets and timers of the check itself would keep the process.
process.exit();
