/**
 * The sizes of every model, one by one: which sizes its network accepts, and how the list of models, the plan, the
 * presets and the editor describe a size that it refuses.
 */
import { describe, expect, it } from 'vitest';
import { command as modelsCommand } from '../../src/main/cli/commands/models';
import { command as planCommand } from '../../src/main/cli/commands/plan';
import { command as presetsCommand } from '../../src/main/cli/commands/presets';
import { modelEntries } from '../../src/main/engine/models';
import type { ModelEntry } from '../../src/main/engine/types';
import { allPresets, presetOf } from '../../src/shared/curriculum/presets';
import { nearestSizes, refusalOf, sizeRuleText, sizesText } from '../../src/shared/curriculum/size-rule';
import { scheduleOf, stageProblems } from '../../src/shared/curriculum/stages';
import { AppError } from '../../src/shared/errors';
import { callOf } from '../support/command-call';
import { temporary } from '../support/training';

const LARGEST = 256;
const SIZES = Array.from({ length: LARGEST }, (_, at) => at + 1);
const home = temporary('model-sizes');

/** Says whether the network can be built for a size. */
function builds(entry: ModelEntry, img_size: number): boolean {
  try {
    entry.create({ num_classes: entry.task === 'classify' ? 10 : 0, img_size, drop_path_rate: 0, drop_rate: 0 });
    return true;
  } catch (error) {
    if (error instanceof AppError && error.data.code === 'invalid_config') return false;
    throw error;
  }
}

/** Returns the nearest accepted size on both sides, by testing each. */
function around(taken: readonly number[], size: number): number[] {
  const sides = [taken.findLast((each) => each < size), taken.find((each) => each > size)];
  return sides.filter((each) => each !== undefined);
}

async function refusalBy(run: () => Promise<unknown>): Promise<AppError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  return expect.fail('it was not refused');
}

describe.each(modelEntries().map((entry) => [entry.id, entry] as const))('%s', (id, entry) => {
  const { sizes } = entry;
  const taken = SIZES.filter((size) => refusalOf(sizes, size) === null);
  const refused = SIZES.filter((size) => !taken.includes(size));
  /** Building the network for every size takes a while. */
  const built = [...new Set([taken[0], taken[1], taken[taken.length >> 1], taken.at(-1)])].filter(
    (size) => size !== undefined,
  );

  it('has the rule of its network, and proposes the nearest sizes on both sides', () => {
    expect(refused.filter((size) => builds(entry, size))).toEqual([]);
    expect(built.filter((size) => !builds(entry, size))).toEqual([]);
    for (const size of refused.filter((each) => each < (taken.at(-1) as number)))
      expect(
        nearestSizes(sizes, size).toSorted((a, b) => a - b),
        `${size} px`,
      ).toEqual(around(taken, size));
  });

  it('has a cost at a size that it takes, which grows with the size', () => {
    const macs = built.map((size) => entry.macs(size));
    expect(macs.every((value) => Number.isInteger(value) && value > 0)).toBe(true);
    // A part that is cut off at the border of a map can make the next size as cheap.
    macs.slice(1).forEach((value, at) => expect(value).toBeGreaterThanOrEqual(macs[at] as number));
  });

  it('has in every preset, at every final size, only stages that it takes', () => {
    for (const preset of allPresets(entry.task))
      for (const size of taken)
        expect(stageProblems(scheduleOf(preset, size, sizes, 10), size, sizes), `${preset.id}, ${size} px`).toEqual([]);
  });

  it('is told in the editor which stages it refuses, each with the nearest', () => {
    const final = taken.at(-1) as number;
    const whole = scheduleOf(presetOf('constant'), final, sizes, 1);
    for (const size of SIZES) {
      const stages = [{ ...whole.stages[0]!, bandwidth: size }];
      const problems = stageProblems({ ...whole, stages }, final, sizes);
      if (taken.includes(size)) expect(problems, `${size} px`).toEqual([]);
      else
        expect(
          problems.map(({ stage, field, sizes: proposed }) => [stage, field, proposed]),
          `${size} px`,
        ).toEqual([[0, 'bandwidth', size > final ? [final] : around(taken, size)]]);
    }
  });

  it('says in plan and presets what it refuses, and what to use', async () => {
    // The sizes are one below the smallest, one between two, and one above the step.
    const asked = [...new Set([refused[0], refused[refused.length >> 1], refused.at(-1)])].filter(
      (size) => size !== undefined,
    );
    for (const size of asked) {
      const proposed = nearestSizes(sizes, size).toSorted((a, b) => a - b);
      const plan = (values: Record<string, string | string[]>): Promise<unknown> =>
        planCommand.run(callOf(home, [], { model: id, ...values }));
      expect((await refusalBy(() => plan({ size: String(size) }))).data).toMatchObject({
        ...{ code: 'invalid_stage', why: refusalOf(sizes, size)?.why, next: `Use --size ${proposed.join(' or ')}.` },
      });
      const stage = await refusalBy(() => plan({ set: [`schedule.stages.0.bandwidth=${size}`] }));
      expect(stage.data.why).toContain(`Stage 1: B = ${size} `);
      for (const one of nearestSizes(sizes, size, entry.size))
        expect(stage.data.why).toMatch(new RegExp(`\\b${one}\\b`));
      const preset = await refusalBy(() =>
        presetsCommand.run(callOf(home, [entry.preset], { model: id, size: String(size) })),
      );
      expect(preset.data).toMatchObject({
        why: refusalOf(sizes, size)?.why,
        next: `Choose a size of ${sizesText(proposed)}.`,
      });
    }
  });
});

it('models says of any size which models refuse it, and at which they cost what', async () => {
  for (const size of [20, 97, 112, 225]) {
    const { json, text } = await modelsCommand.run(callOf(home, [], { size: String(size) }));
    const { models } = json as {
      models: { id: string; macs: number | null; nearest_sizes: number[] | null; sizes: { rule: string } }[];
    };
    for (const { id, macs, nearest_sizes, sizes } of models) {
      const entry = modelEntries().find((each) => each.id === id)!;
      const isRefused = refusalOf(entry.sizes, size) !== null;
      expect(macs === null, `${id} at ${size} px`).toBe(isRefused);
      expect(nearest_sizes, `${id} at ${size} px`).toEqual(isRefused ? nearestSizes(entry.sizes, size) : null);
      expect(sizes.rule).toBe(sizeRuleText(entry.sizes));
      if (isRefused)
        expect(text.split('\n').find((line) => line.startsWith(`${id} `))).toContain(
          `not at this size, at ${sizesText(nearest_sizes ?? [])}`,
        );
    }
  }
});
