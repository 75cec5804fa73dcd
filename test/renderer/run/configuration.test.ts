import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/shared/run-config-resolve';
import { commandOf, configRows, quoted, valueLines } from '../../../src/renderer/views/run/configuration';

const model = {
  ...{
    id: 'resnet_micro',
    size: 64,
    task: 'classify',
    preset: 'efficienttrain++',
    sizes: { kind: 'strides' as const, step: 8, min: 16 },
  },
  ...{ recipe: { 'optimizer.base_lr': 0.256 }, mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2], interpolation: 'bilinear' },
};

/** Splits a command as a POSIX shell does. */
function words(command: string): string[] {
  const found: string[] = [];
  for (const [, plain] of command.matchAll(/((?:'[^']*'|\\.|[^\s'\\])+)/g))
    found.push(
      (plain as string).replace(/'([^']*)'|\\(.)/g, (_, inside: string | undefined, one: string) => inside ?? one),
    );
  return found;
}

/** Resolves a command line as `efficienttrain train` does. */
function trained(command: string): ReturnType<typeof resolveConfig> {
  const [program, verb, ...rest] = words(command);
  expect([program, verb]).toEqual(['efficienttrain', 'train']);
  const flags: Record<string, unknown> = {};
  const set: string[] = [];
  let [dataset, preset] = ['', undefined as string | undefined];
  const NAMES: Record<string, string> = {
    epochs: 'schedule.equivalent_epochs',
    batch: 'data.batch',
    size: 'size',
    seed: 'seed',
  };
  for (let at = 0; at < rest.length; at += 2) {
    const [name, value] = [(rest[at] as string).slice(2), rest[at + 1] as string];
    if (name === 'set') set.push(value);
    else if (name === 'dataset') dataset = value;
    else if (name === 'preset') preset = value;
    else if (NAMES[name]) flags[NAMES[name]] = Number(value);
    else if (name === 'init') flags['init'] = value;
  }
  return resolveConfig({ dataset, model, flags, set, ...(preset === undefined ? {} : { preset }) });
}

const STAGES = [
  { bandwidth: 32, magnitude: 0, magnitude_end: null, share: 0.4, batch: null, replay_times: 1 },
  { bandwidth: 64, magnitude: 4, magnitude_end: 9, share: 0.6, batch: 16 },
];

describe('copied as a command', () => {
  it.each([
    ['a plain run', {}, []],
    [
      'fields that were set',
      { seed: 7 },
      ['optimizer.base_lr=0.02', 'ema.decay=0.99', 'data.scale=[0.2,1]', 'optimizer.name=sgd'],
    ],
    ['a warm-up', {}, ['optimizer.warmup={"unit":"fraction","value":0.1}']],
    ['a schedule of one’s own', {}, [`schedule.stages=${JSON.stringify(STAGES)}`, 'schedule.share_of=epochs']],
    ['weights from a path with spaces', { init: "/data/it's here/w.safetensors" }, []],
  ])('%s gives the same configuration again', (_, flags, set) => {
    const { config, origin } = resolveConfig({
      ...{ dataset: 'signs', model, set },
      flags: { 'schedule.equivalent_epochs': 12, 'data.batch': 32, ...flags },
    });
    const command = commandOf({ config, origin, departures: [] }, 'signs');
    expect(trained(command).config).toEqual(config);
  });

  it('quotes what a shell would take apart', () => {
    expect(quoted('plain/path-1.0')).toBe('plain/path-1.0');
    expect(words(quoted("it's $HOME `x`"))).toEqual(["it's $HOME `x`"]);
  });
});

describe('the fields', () => {
  const { config, origin } = resolveConfig({ dataset: 'signs', model, flags: {}, set: ['optimizer.warmup.value=3'] });
  const rows = configRows({ config, origin, departures: [['optimizer.warmup', 20, config.optimizer.warmup]] });

  it('say where they came from, a value that came in parts too', () => {
    const from = (field: string): string | undefined => rows.find((row) => row.field === field)?.origin;
    expect([from('optimizer.base_lr'), from('schedule.stages'), from('seed')]).toEqual(['model', 'preset', 'default']);
    expect(from('optimizer.warmup')).toBe('flag');
    expect(rows.find(({ field }) => field === 'optimizer.warmup')?.recipe).toBe(20);
  });

  it('read a schedule stage by stage', () => {
    expect(valueLines(STAGES)).toEqual(['B 32 · m 0 · 40 %', 'B 64 · m 4 → 9 · 60 % · batch 16']);
    expect(valueLines(STAGES, false)).toEqual(['B 32 · 40 %', 'B 64 · 60 % · batch 16']);
    expect(valueLines([0.08, 1])).toEqual(['[0.08,1]']);
  });
});
