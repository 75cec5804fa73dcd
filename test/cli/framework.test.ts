/** The built program, run as a user runs it. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json';
import { efficienttrain, errorOf } from '../support/cli';

const root = join(import.meta.dirname, '../..');
const commandNames = readdirSync(join(root, 'src/main/cli/commands'))
  .map((file) => file.replace('.ts', ''))
  .sort();

describe('help', () => {
  it('lists every command; without a command it is wrong use', async () => {
    const asked = await efficienttrain(['--help']);
    expect([asked.code, asked.stderr]).toEqual([0, '']);
    for (const name of commandNames) expect(asked.stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    const bare = await efficienttrain([]);
    expect([bare.code, bare.stdout]).toEqual([2, asked.stdout]);
  });
  it.each(commandNames)('%s --help has an example', async (name) => {
    const { code, stdout, stderr } = await efficienttrain([name, '--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^efficienttrain ${name}`));
    expect(stdout).toMatch(/Examples?:\n {2}\S/);
    expect(stdout).toContain('--json');
  });
  it('--version', async () =>
    expect(await efficienttrain(['--version'])).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' }));
});

describe('wrong use ends with 2 and the nearest name', () => {
  it.each([
    [['trian'], 'There is no command trian.', 'train'],
    [['models', '--jsn'], 'The options of models are not valid.', '--json'],
    [['preview', 'x.png', '--bandwith', '3'], 'The options of preview are not valid.', '--bandwidth'],
    [['--jsom'], 'There is no option --jsom without a command.', '--json'],
  ])('%j', async (args, what, nearest) => {
    const { code, stdout, stderr } = await efficienttrain(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(what);
    expect(stderr).toMatch(new RegExp(`nearest.* ${nearest}\\.`));
  });
  it.each([
    [['train', '--json']],
    [['models', 'extra', '--json']],
    [['presets', '--size', 'big', '--json']],
    [['preview', '--json']],
    [['--json', 'nothing']],
    [['models', '--json', '--home']],
  ])('%j says so in one JSON document', async (args) => {
    const ended = await efficienttrain(args);
    expect(ended.code).toBe(2);
    const error = errorOf(ended);
    expect(error.code).toBe('usage');
    for (const part of [error.what, error.why, error.next]) expect(part).toMatch(/\S/);
  });
  it('a working folder that is gone, and one that an export would replace', async () => {
    const gone = mkdtempSync(join(tmpdir(), 'efficienttrain-gone-'));
    const ended = spawnSync(
      'sh',
      ['-c', `rmdir "$PWD"; exec "$0" "$1" models`, process.execPath, join(root, 'out/main/cli.js')],
      { cwd: gone },
    );
    expect([ended.status, ended.stderr.toString()]).toEqual([1, expect.stringContaining('started in is gone')]);
    const cwd = mkdtempSync(join(tmpdir(), 'efficienttrain-here-'));
    const { code, stderr } = await efficienttrain(['export', 'none', '--out', '.'], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('this command was started in it')]);
  });

  it('an import of nothing, without a name, and with options of another kind of source', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'efficienttrain-source-'));
    const table = join(folder, 'labels.csv');
    writeFileSync(table, 'path,label\n');
    for (const [args, what] of [
      [[''], 'SOURCE of import is empty.'],
      [[folder, '--name', ' '], '--name of import is empty.'],
      [[folder, '--path-column', 'a'], `--path-column can't be used with ${folder}.`],
      [[table, '--layout', 'splits'], `--layout can't be used with ${table}.`],
    ] as const) {
      const ended = await efficienttrain(['import', ...args, '--dry-run', '--json']);
      expect([ended.code, errorOf(ended)]).toEqual([2, expect.objectContaining({ code: 'usage', what })]);
    }
  });

  it('what is not there ends with 1', async () => {
    const ended = await efficienttrain(['show', 'nowhere', '--json']);
    expect([ended.code, errorOf(ended).code]).toEqual([1, 'not_found']);
    const preset = await efficienttrain(['presets', 'efficientrain++', '--json']);
    expect([preset.code, errorOf(preset).why]).toEqual([1, expect.stringContaining('efficienttrain++')]);
  });
});

describe('output', () => {
  it('global options may come before the command', async () => {
    const home = mkdtempSync(join(tmpdir(), 'efficienttrain-cli-'));
    const { code, stdout } = await efficienttrain(['--home', home, '--json', 'runs']);
    expect([code, JSON.parse(stdout)]).toEqual([0, { runs: [] }]);
    expect(readdirSync(home)).toContain('studio.db');
  });
  it('models', async () => {
    const { models } = JSON.parse((await efficienttrain(['models', '--json'])).stdout) as {
      models: { id: string; parameters: number; sizes: Record<string, unknown> }[];
    };
    expect(models.find(({ id }) => id === 'resnet18')?.parameters).toBe(11_689_512);
    expect(models.find(({ id }) => id === 'resnet50')?.parameters).toBe(25_557_032);
    expect(models.find(({ id }) => id === 'deit_tiny_patch16_224')).toMatchObject({
      parameters: 5_717_416,
      sizes: { kind: 'patches', step: 16, min: 16, rule: expect.stringContaining('multiples of 16 px') as string },
    });
    expect(models.find(({ id }) => id === 'deit_small_patch16_224')?.parameters).toBe(22_050_664);
    expect((await efficienttrain(['models'])).stdout).toMatch(/resnet18 +resnet +224 +n x 32 +11\.7 M/);
  });
  it('plan, and where it departs from a row of the papers', async () => {
    const args = [
      'plan',
      '--model',
      'swin_tiny_patch4_window7_224',
      '--batch',
      '512',
      '--against',
      'Swin-T, TPAMI 2024, 200 epochs',
    ];
    const { plan, against } = JSON.parse((await efficienttrain([...args, '--json'])).stdout) as {
      plan: { stages: { bandwidth: number }[]; totals: { images: number } };
      against: { row: { top1: number }; departures: { code: string; text: string }[] };
    };
    expect(plan.stages.map(({ bandwidth }) => bandwidth)).toEqual([96, 96, 160, 160, 160, 160, 224, 224, 224, 224]);
    expect(against.row.top1).toBe(0.816);
    expect(against.departures.map(({ code }) => code)).toEqual(['batch', 'precision']);
    const said = (await efficienttrain(args)).stdout;
    expect(said).toContain('Against Swin-T, TPAMI 2024, 200 epochs, EfficientTrain++ (Wang et al., TPAMI 2024');
    expect(said).toContain('Its batch is 512; the row has 4096.');
    const refused = await efficienttrain(['plan', '--model', 'vit_huge_patch14_224', '--size', '100', '--json']);
    expect([refused.code, errorOf(refused).next]).toEqual([2, 'Use --size 98 or 112.']);
  });
  it('presets, scaled to a size and a model', async () => {
    const all = JSON.parse((await efficienttrain(['presets', '--json'])).stdout) as {
      presets: { id: string; passes: number; citation: string }[];
    };
    expect(Object.fromEntries(all.presets.map(({ id, passes }) => [id, passes.toFixed(2)]))).toMatchObject({
      constant: '200.00',
      'efficienttrain++': '454.58',
      'efficienttrain++-deit': '469.02',
      'efficienttrain++-convnext': '315.20',
      efficienttrain: '306.25',
    });
    for (const { citation } of all.presets) expect(citation).toMatch(/(Wang|He) et al\./);
    expect(all.presets.find(({ id }) => id === 'finetune-mae')?.passes).toBe(100);
    const recipe = (await efficienttrain(['presets', 'finetune-mae', '--model', 'deit_small_patch16_224'])).stdout;
    expect(recipe).toMatch(/optimizer\.layer_decay +0\.65/);
    const one = JSON.parse(
      (await efficienttrain(['presets', 'efficienttrain++', '--size', '128', '--model', 'resnet18', '--json'])).stdout,
    ) as { presets: { stages: { bandwidth: number }[] }[] };
    expect(one.presets[0]?.stages.map(({ bandwidth }) => bandwidth)).toEqual([
      64, 64, 96, 96, 96, 96, 128, 128, 128, 128,
    ]);
    expect(
      (await efficienttrain(['presets', 'efficienttrain++', '--size', '128', '--model', 'resnet18'])).stdout,
    ).toMatch(/1 +64 +0 +10\.0 %/);
  });
  it('with --json progress goes to stderr and stdout holds one document', async () => {
    const { code, stdout, stderr } = await efficienttrain([
      'import',
      join(root, 'resources/sample/sign-digits'),
      '--dry-run',
      '--json',
    ]);
    expect([code, Object.keys(JSON.parse(stdout) as object)]).toEqual([0, ['dataset', 'problems']]);
    expect(stderr).not.toBe('');
  });
  it('a reader that closes the pipe early gets no stack', async () => {
    const child = spawn(process.execPath, [join(root, 'out/main/cli.js'), '--help'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise((done) => child.on('close', done));
    expect([code, stderr]).toEqual([0, '']);
  });
  it('Ctrl-C ends with 130 and nothing committed', async () => {
    const home = mkdtempSync(join(tmpdir(), 'efficienttrain-cli-'));
    let pressed = false;
    const ended = await efficienttrain(['import', join(root, 'resources/sample/sign-digits'), '--json'], {
      home,
      onOutput: (_, kill) => {
        // The signal is sent once, because a signal that arrives during the exit ends the process before its own code
        // does.
        if (!pressed) kill('SIGINT');
        pressed = true;
      },
    });
    expect([ended.code, errorOf(ended).code]).toEqual([130, 'interrupted']);
    expect(JSON.parse((await efficienttrain(['datasets', '--json'], { home })).stdout)).toEqual({ datasets: [] });
  });
});
