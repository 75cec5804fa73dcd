import { describe, expect, it } from 'vitest';
import type { StageReport } from '../../../src/main/engine/train/observer';
import { StageClock } from '../../../src/main/engine/train/stage-clock';

const before: StageReport = {
  ...{ stage: 1, stepsDone: 7, seconds: 70, computeSeconds: 60, loaderSeconds: 5 },
  ...{ images: 56, imagesDecoded: 28 },
};

function reportsOf(act: (clock: StageClock) => void, start: StageReport | null = null): StageReport[] {
  const reports: StageReport[] = [];
  const clock = new StageClock({ stage: (report) => reports.push(report) }, start);
  act(clock);
  clock.report();
  return reports;
}

describe('the clock of stages', () => {
  it('adds up a stage, and begins the next with nothing', () => {
    const reports = reportsOf((clock) => {
      clock.step({ stage: 0, images: 8, decoded: 2, computeMs: 30, loaderMs: 10 });
      clock.step({ stage: 0, images: 8, decoded: 2, computeMs: 30, loaderMs: 0 });
      clock.step({ stage: 1, images: 4, decoded: 4, computeMs: 20, loaderMs: 0 });
    });
    expect(
      reports.map(({ stage, stepsDone, images, imagesDecoded }) => [stage, stepsDone, images, imagesDecoded]),
    ).toEqual([
      [0, 2, 16, 4],
      [1, 1, 4, 4],
    ]);
    expect(reports[0]).toMatchObject({ computeSeconds: 0.06, loaderSeconds: 0.01 });
  });

  it('continues with what a resumed stage had taken', () => {
    const [last] = reportsOf(
      (clock) => clock.step({ stage: 1, images: 8, decoded: 4, computeMs: 1000, loaderMs: 500 }),
      before,
    );
    expect(last).toMatchObject({
      stage: 1,
      stepsDone: 8,
      computeSeconds: 61,
      loaderSeconds: 5.5,
      images: 64,
      imagesDecoded: 32,
    });
    expect(last?.seconds).toBeGreaterThanOrEqual(70);
  });

  it('tells nothing of a stage that has no step yet', () => {
    expect(reportsOf(() => undefined)).toEqual([]);
  });
});
