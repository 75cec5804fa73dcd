/**
 * Measures the value of a teacher (Touvron et al., ICML 2021, sec. 4) for a student when its cost is counted, with soft
 * and with hard labels. The student alone is trained for as many epochs, for the compute of the student and of the
 * teacher's forward passes, and for that compute plus the teacher's training.
 */
import { differenceInWords, mean, percent, table } from '../statistics.mjs';

export const SEEDS = 3;

const [DATASET, SIZE, BATCH] = ['cifar10', 32, 64];
const TEACHER = { model: 'resnet_micro', epochs: 8, set: [] };
const STUDENT = { model: 'deit_micro', epochs: 4, set: ['optimizer.base_lr=0.256'] };

const ARMS = [
  ['alone', 'no teacher, as many epochs'],
  ['soft', 'soft labels'],
  ['hard', 'hard labels'],
  ['forward', "no teacher, with the compute of the teacher's forward passes"],
  ['whole', "no teacher, with the compute of the teacher's training too"],
];

/** Trains once with `efficienttrain++`. */
function trained({ sides, machine }, { model, epochs, set }, flags, seed) {
  const named = {
    ...{ dataset: DATASET, model, preset: 'efficienttrain++', size: SIZE },
    ...{ epochs: Number(epochs.toFixed(3)), batch: BATCH, seed },
  };
  const command = [
    'train',
    ...Object.entries(named).flatMap(([flag, value]) => [`--${flag}`, String(value)]),
    ...flags,
    ...[`engine.intra_op_threads=${machine().threads}`, 'eval.every=1000', ...set].flatMap((field) => ['--set', field]),
  ];
  const { run } = sides.cli(...command);
  const { flops, teacher_flops, equivalent_epochs } = run.plan.totals;
  const top1 = sides.cli('metrics', run.id).series['val/top1'].at(-1)[1];
  return { id: run.id, top1, flops, teacher_flops, equivalent_epochs, command: `efficienttrain ${command.join(' ')}` };
}

export function measure(bench, results, save) {
  if (bench.only && bench.only !== DATASET) return;
  bench.sides.importOnce(DATASET);
  const scaled = (one) => ({ ...one, epochs: one.epochs * bench.epochsScale });
  for (let seed = 0; seed < bench.seeds; seed++) {
    const of = (arm) => results.find((result) => result.arm === arm && result.seed === seed);
    const wanted = ARMS.map(([arm]) => arm).filter((arm) => !of(arm));
    if (!wanted.length) continue;
    // The runs of an earlier measurement no longer exist, so the same teacher is trained again.
    const teacher = trained(bench, scaled(TEACHER), [], seed);
    const { epochs } = scaled(STUDENT);
    const student = (arm) => {
      if (arm === 'alone') return [epochs, []];
      if (arm === 'soft' || arm === 'hard') return [epochs, ['--teacher', teacher.id, '--distill', arm]];
      const compute = of('soft').flops + (arm === 'whole' ? teacher.flops : 0);
      return [(epochs * compute) / of('alone').flops, []];
    };
    for (const arm of wanted) {
      const [length, flags] = student(arm);
      const { id: _id, ...result } = trained(bench, { ...STUDENT, epochs: length }, flags, seed);
      const taught = arm === 'soft' || arm === 'hard';
      const of_teacher = taught ? { top1: teacher.top1, flops: teacher.flops } : null;
      results.push({ arm, seed, ...result, teacher: of_teacher, machine: bench.machine() });
      save();
      console.log(
        `${arm} seed ${seed}: ${(100 * result.top1).toFixed(1)} %, teacher ${(100 * teacher.top1).toFixed(1)} %`,
      );
    }
  }
}

export function section(results) {
  const of = (arm) => results.filter((result) => result.arm === arm);
  const tera = (values) => (mean(values) / 1e12).toFixed(1);
  const rows = ARMS.filter(([arm]) => of(arm).length).map(([arm, words]) => {
    const found = of(arm);
    return [
      ...[words, found.length, percent(found.map(({ top1 }) => top1))],
      mean(found.map(({ equivalent_epochs }) => equivalent_epochs)).toFixed(1),
      tera(found.map(({ flops, teacher_flops }) => flops - teacher_flops)),
      tera(found.map(({ teacher_flops }) => teacher_flops)),
      tera(found.map(({ teacher }) => teacher?.flops ?? 0)),
    ];
  });
  const said = ['soft', 'hard'].flatMap((taught) =>
    ['alone', 'forward', 'whole'].flatMap((other) => {
      const differences = of(taught).flatMap(({ seed, top1 }) => {
        const same = of(other).find((result) => result.seed === seed);
        return same ? [top1 - same.top1] : [];
      });
      const words = ARMS.find(([arm]) => arm === other)[1];
      return differences.length ? [`- ${differenceInWords(`${taught} labels`, words, differences)}`] : [];
    }),
  );
  const [example] = of('soft');
  const header = ['arm', 'seeds', 'val top-1', 'equivalent epochs', 'TFLOPs of the student'];
  return [
    '## Distillation, an experiment',
    '',
    `On ${DATASET}, \`${STUDENT.model}\` learns at ${SIZE} px from \`${TEACHER.model}\`, which was trained on the same images for ${TEACHER.epochs}`,
    `equivalent epochs${of('soft').length ? ` to ${percent(of('soft').map(({ teacher }) => teacher.top1))}` : ''}. All train \`efficienttrain++\`; accuracies are those of the last step.`,
    'The last two arms spend on a longer training of the student alone what the soft arm spends on its teacher.',
    '',
    ...table([...header, "of the teacher's forward passes", "of the teacher's training"], rows),
    '',
    ...said,
    '',
    ...(example ? [`Command (seed ${example.seed}):`, '', '```', example.command, '```', ''] : []),
  ];
}
