/**
 * A run that learns from a teacher has its own copy of the teacher's weights, and has the same bits after a stop and a
 * resume.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { databasePath, runFolder } from '../../src/main/base/home';
import { resolveRun } from '../../src/main/services/runs/configs';
import { createRunFrom, initialWeights } from '../../src/main/services/runs/initial-weights';
import { errorData, type ErrorData } from '../../src/shared/errors';
import type { Dataset } from '../../src/main/store/datasets';
import { openStore } from '../../src/main/store/open';
import { trashRuns } from '../../src/main/store/run-marks';
import { removeRun } from '../../src/main/store/run-removal';
import { runById, type Run } from '../../src/main/store/runs';
import { efficienttrain, errorOf } from '../support/cli';
import { engineMissing } from '../support/engine';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';

const SET = ['engine.intra_op_threads=2', 'engine.inter_op_threads=1', 'data.workers=1', 'checkpoint.every_seconds=0'];

describe.skipIf(engineMissing)('a run that learns from a teacher', () => {
  const home = temporary('distillation');
  let dataset: Dataset;
  let teacher: Run;

  async function student(set: string[] = [], files = true, of = dataset): Promise<Run> {
    const store = openStore(databasePath(home));
    try {
      const flags = { size: 32, 'schedule.equivalent_epochs': 2, 'data.batch': 16, 'distillation.teacher': teacher.id };
      const request = { dataset: of, model: 'deit_micro', flags, set: [...SET, ...set], teachers: { store, files } };
      const resolved = resolveRun(request);
      return createRunFrom(
        home,
        store,
        resolved,
        await initialWeights(home, store, resolved.config, of.classes.length),
      );
    } finally {
      store.close();
    }
  }

  beforeAll(async () => {
    dataset = await importFolder(home, smallSample(join(home, 'signs'), 24));
    teacher = newRun(home, dataset, { model: 'resnet_micro', preset: 'constant', epochs: 1, set: ['ema.decay=0.9'] });
    await train(home, teacher).ended;
  }, 120_000);

  it('is refused where the classes are others, the teacher sees more, or only runs may be named', async () => {
    const other = await importFolder(home, smallSample(join(home, 'others'), 4, ['zero', 'one', 'two', 'nine']));
    const refusal = async (made: Promise<Run>): Promise<ErrorData> =>
      made.then(() => Promise.reject(new Error('made')), errorData);
    expect((await refusal(student([], true, other))).what).toContain('other classes');
    expect(await refusal(student(['size=16']))).toMatchObject({
      what: expect.stringContaining('sees 32 px') as string,
      next: expect.stringContaining('--size 32') as string,
    });
    expect((await refusal(student([`distillation.teacher=${home}`], false))).code).toBe('not_found');
    expect((await refusal(student(['task=probe']))).why).toContain('only for the task classify');
  }, 60_000);

  it('is planned by the command line, its teacher counted and told apart', async () => {
    const own = [
      'train',
      '--preset',
      'constant',
      '--dataset',
      dataset.id,
      '--model',
      'deit_micro',
      '--size',
      '32',
      '--epochs',
      '4',
      '--batch',
      '16',
    ];
    const options = ['--teacher', teacher.name, '--distill', 'hard', '--dry-run', '--json'];
    const { stdout, stderr, code } = await efficienttrain([...own, ...options], { home });
    expect(code, stdout + stderr).toBe(0);
    const { plan, config } = JSON.parse(stdout) as {
      plan: { totals: { flops: number; teacher_flops: number; images: number } };
      config: Run['config'];
    };
    expect(config.distillation).toMatchObject({ kind: 'hard', alpha: 0.5, model: 'resnet_micro', size: 32 });
    expect(config.distillation?.teacher).toMatch(new RegExp(`^run:${teacher.id}@\\d+$`));
    expect(plan.totals.teacher_flops).toBeGreaterThan(0);
    expect(plan.totals.flops).toBeGreaterThan(plan.totals.teacher_flops);
    expect(errorOf(await efficienttrain([...own, '--distill', 'hard', '--json'], { home })).what).toContain(
      'needs a teacher',
    );
    const file = [...own, '--teacher', join(home, 'signs'), '--json'];
    expect(errorOf(await efficienttrain(file, { home })).next).toContain('--teacher-model');
  }, 120_000);

  it('is trained and resumed to the same bits once its teacher has been removed', async () => {
    const [alone, stopped, plain] = [await student(), await student(), await student(['distillation=null'])];
    expect(existsSync(join(runFolder(home, alone.id), 'teacher.safetensors'))).toBe(true);
    await train(home, alone).ended;
    await train(home, stopped, (message, trainer) => {
      if (message.type === 'progress' && message.step > 0) trainer.send({ type: 'stop' });
    }).ended;
    expect(look(home, stopped.id).run).toMatchObject({ state: 'stopped' });
    const store = openStore(databasePath(home));
    trashRuns(store, [teacher.id], true);
    await removeRun(store, teacher.id);
    rmSync(runFolder(home, teacher.id), { recursive: true });
    await train(home, stopped).ended;
    expect((runById(store, stopped.id) as Run).state).toBe('completed');
    store.close();
    await train(home, plain).ended;
    const [a, b, c] = [alone, stopped, plain].map(({ id }) => look(home, id).series);
    expect(a?.['train/loss']?.length).toBeGreaterThan(2);
    expect(b?.['train/loss']).toEqual(a?.['train/loss']);
    expect(b?.['val/loss']).toEqual(a?.['val/loss']);
    expect(c?.['train/loss']).not.toEqual(a?.['train/loss']);
  }, 240_000);
});
