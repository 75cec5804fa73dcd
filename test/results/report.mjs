/** docs/results.md out of the measured runs. */
import { writeFileSync } from 'node:fs';

/** Two-sided 95 % quantiles of Student's t for 1 to 9 degrees of freedom. */
const T95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function interval(values) {
  if (values.length < 2) return 'one seed';
  const centre = mean(values);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
  return `± ${((100 * T95[Math.min(values.length - 2, T95.length - 1)] * deviation) / Math.sqrt(values.length)).toFixed(1)}`;
}

/** Two training processes and their loaders are about this much; above it something else ran beside them. */
const QUIET_LOAD = 4;

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const percent = (values) => `${(100 * mean(values)).toFixed(1)} % ${interval(values)}`;
const distinct = (values) => [...new Set(values)].sort().join(', ');
const row = (cells) => `| ${cells.join(' | ')} |`;

/** Wall times and their ratio, of pairs that nothing ran beside. */
function times(pairs) {
  if (!pairs.length) return ['–', '–', '–'];
  const wall = (side) => `${mean(pairs.map((result) => result[side].wall_seconds)).toFixed(0)} s`;
  const ratios = pairs.map(({ ours, peer }) => peer.wall_seconds / ours.wall_seconds);
  const of = pairs.length === 1 ? 'one pair' : `${pairs.length} pairs`;
  return [
    wall('ours'),
    wall('peer'),
    `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}, ${of})`,
  ];
}

function section({ id, model, size, dataset }, results) {
  const of = (preset) => results.filter((result) => result.case === id && result.preset === preset);
  const { equivalent_epochs: epochs } = results.find((result) => result.case === id).plan;
  const lines = [
    `## ${dataset}, \`${model}\` at ${size} px, ${Math.round(epochs)} equivalent epochs`,
    '',
    row([
      'preset',
      'seeds',
      'passes',
      'ours: val top-1',
      'PyTorch + timm: val top-1',
      'ours: wall',
      'PyTorch: wall',
      'PyTorch / ours (median, range)',
    ]),
    row(Array(8).fill('---')),
  ];
  for (const preset of ['constant', 'efficienttrain++']) {
    const found = of(preset);
    if (!found.length) continue;
    const quiet = found.filter(({ machine }) => machine.load < QUIET_LOAD);
    lines.push(
      row([
        preset,
        found.length,
        found[0].plan.passes.toFixed(1),
        percent(found.map(({ ours }) => ours.top1)),
        percent(found.map(({ peer }) => peer.top1)),
        ...times(quiet),
      ]),
    );
  }
  const [constant, efficient] = [of('constant'), of('efficienttrain++')];
  const pairs = efficient.flatMap((result) => {
    const same = constant.find(({ seed }) => seed === result.seed);
    return same ? [result.ours.top1 - same.ours.top1] : [];
  });
  if (pairs.length) {
    const gain = 100 * mean(pairs);
    const few = pairs.length < 5 ? `; ${pairs.length === 1 ? 'one seed' : `${pairs.length} seeds`}, so an indication only` : '';
    lines.push(
      '',
      `At the same compute the curriculum is ${Math.abs(gain).toFixed(1)} points ${gain >= 0 ? 'better' : 'worse'} than ordinary training here (same seeds${few}).`,
    );
  }
  const example = of('efficienttrain++')[0] ?? of('constant')[0];
  if (example) lines.push('', `Command (seed ${example.seed}):`, '', '```', example.command, '```');
  return lines;
}

export function writeReport(path, results, cases) {
  const shown = cases.filter(({ id }) => results.some((result) => result.case === id));
  const of = (pick) => distinct(results.map(pick));
  const text = [
    '# Results',
    '',
    `Measured by \`npm run results\` on ${of(({ machine }) => machine.date)} (${of(({ machine }) => machine.cpu)}, ${of(({ machine }) => machine.threads)} threads, no GPU; torch ${of(({ versions }) => versions.torch)}, timm ${of(({ versions }) => versions.timm)}, float32), on small datasets from ../shared/data. Every pair is in results.json beside this page.`,
    '',
    '"Ours" and PyTorch + timm train the same network with the same schedule, learning rates, augmentation settings and number of steps, each with its own data pipeline and random draws; they alternate, ours',
    'first. Accuracies are those of the last step, mean over seeds with the 95 % interval of the mean (Student). Wall is start of training to the end of the last evaluation; ours also evaluates and',
    `may save a checkpoint at the end of each stage, of which the peer has only the last. Times count only pairs that little else ran beside (load average below ${QUIET_LOAD}); they are best read as ratios.`,
    '',
    '`constant` and `efficienttrain++` cost the same compute ("equivalent epochs"): what the curriculum buys is accuracy at that compute. These runs are far shorter than the papers\' 200 epochs of ImageNet, and say',
    'nothing of those.',
    '',
    ...shown.flatMap((example) => [...section(example, results), '']),
  ].join('\n');
  writeFileSync(path, text);
}
