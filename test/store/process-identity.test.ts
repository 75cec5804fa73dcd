import { describe, expect, it } from 'vitest';
import {
  identityOf,
  LONGEST_SILENCE_MS,
  processAlive,
  type Observer,
  type ProcessTrace,
} from '../../src/main/store/process-identity';

const NOW = 1_000_000_000;
const own = identityOf(process.pid);
const here: Observer = {
  ...{ namespace: own.namespace, host: own.host ?? '', boot: own.started?.split(' ')[0] ?? null },
  ...{ bootedMs: NOW - 10 * LONGEST_SILENCE_MS, procIsOwn: true },
};
const fresh: ProcessTrace = { ...own, heartbeatMs: NOW - 1000 };
const silent: ProcessTrace = { ...own, heartbeatMs: NOW - LONGEST_SILENCE_MS - 1 };
const alive = (trace: ProcessTrace, from: Partial<Observer> = {}): boolean =>
  processAlive(trace, NOW, { ...here, ...from });

describe.skipIf(process.platform !== 'linux')('a process', () => {
  it('of this namespace is what /proc says, however long it has been silent', () => {
    expect(own).toMatchObject({ pid: process.pid, namespace: expect.stringMatching(/^\d+$/) as string });
    expect(alive(silent)).toBe(true);
    expect(alive({ ...fresh, started: `${here.boot} 1` })).toBe(false);
    expect(alive({ ...fresh, pid: 999_999_999 })).toBe(false);
  });

  it.each([
    ['of another namespace', { namespace: '4026530000' }],
    ['of another machine', { started: 'another-boot 5', host: 'elsewhere' }],
    ['of another machine of the same name', { started: 'another-boot 5' }],
    ['of a machine without /proc', { started: null, host: 'elsewhere' }],
  ])('%s lives as long as it shows a heartbeat', (_, changes) => {
    expect(alive({ ...fresh, ...changes })).toBe(true);
    expect(alive({ ...silent, ...changes })).toBe(false);
  });

  it('seen from a namespace whose /proc is that of another one lives as long as it shows a heartbeat', () => {
    expect(alive({ ...fresh, pid: 1 }, { procIsOwn: false })).toBe(true);
    expect(alive({ ...silent, pid: 1 }, { procIsOwn: false })).toBe(false);
  });

  it('from before this machine was started is gone at once', () => {
    const rebooted = { ...fresh, started: 'another-boot 5' };
    expect(alive(rebooted, { bootedMs: NOW - 500 })).toBe(false);
    // Another machine's clock says nothing about the start of this one.
    expect(alive({ ...rebooted, host: 'elsewhere' }, { bootedMs: NOW - 500 })).toBe(true);
  });

  it('that an earlier version has recorded is alive where either says so', () => {
    expect(alive({ ...silent, namespace: null })).toBe(true);
    expect(alive({ ...fresh, namespace: null, started: `${here.boot} 1` })).toBe(true);
    expect(alive({ ...silent, namespace: null, started: `${here.boot} 1` })).toBe(false);
  });
});
