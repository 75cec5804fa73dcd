import { describe, expect, it } from 'vitest';
import type { Cost, GroupCost } from '../../../src/renderer/views/compare/same-accuracy';
import {
  latex,
  tableCsv,
  tableLatex,
  tableMarkdown,
  type TableFile,
} from '../../../src/renderer/views/compare/table-file';
import { tableRows } from '../../../src/renderer/views/compare/table-model';
import type { TableInput } from '../../../src/renderer/views/compare/table-parts';
import { input, PAPER } from './comparison';

const RANGE: [number, number | null] = [1, null];

const costsOf = (...costs: (Cost | null)[]): GroupCost[] =>
  costs.map((cost) => ({ cost, seeds: 1, reached: cost ? [cost] : [] }));

const row = (id: string, fields: Partial<TableInput> = {}) => {
  const found = tableRows(input(fields)).find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no row ${id}`);
  return found;
};

describe('the table of a comparison', () => {
  it('has the best value of a row, its step, and a signed difference that says whether it is better', () => {
    const { cells } = row('metric val/top1');
    expect(cells[0]).toMatchObject({ text: '70.0 %', best: false, delta: null, title: 'exact_at 0.7 20' });
    expect(cells[1]).toMatchObject({ text: '75.0 %', best: true, delta: { text: '+5.0 pp', up: true, better: true } });
  });

  it('calls a metric as every other screen does, with its key for the hover; a key that is none of ours stays', () => {
    expect(row('metric val/top1')).toMatchObject({ label: 'Val top-1', key: 'val/top1' });
    const names = ['val/top5_ema', 'val/loss_stage', 'train/loss', 'memory_mb', 'own/top1', 'val/top1_other'];
    expect(names.map((name) => input().metricName(name))).toEqual([
      ...['Val top-5, EMA', 'Val loss at stage size', 'Train loss', 'Memory', 'own/top1', 'val/top1_other'],
    ]);
  });

  it('takes a lower loss for the better one', () => {
    const { cells } = row('metric val/loss');
    expect(cells.map(({ best }) => best)).toEqual([true, false]);
    expect(cells[1]?.delta).toEqual({ text: '+0.25', up: true, better: false, withinSpread: false });
  });

  it('shows last, least and highest on request, and leaves out rows without any', () => {
    expect(row('metric val/top1', { statistic: 'last' }).cells[0]?.text).toBe('68.0 %');
    expect(row('metric val/loss', { statistic: 'max' }).cells[1]?.text).toBe('1.8');
    expect(tableRows(input()).some(({ id }) => id === 'metric grad_norm')).toBe(false);
    expect(row('metric grad_norm', { statistic: 'last' }).cells[1]).toMatchObject({
      text: '–',
      value: null,
      delta: null,
    });
    const counts = ['metric epoch', 'metric val/images'];
    expect(tableRows(input({ statistic: 'last' })).some(({ id }) => counts.includes(id))).toBe(false);
  });

  it('judges no accuracy across different datasets', () => {
    const { cells } = row('metric val/top1', { comparable: false });
    expect(cells[1]).toMatchObject({ best: false, delta: { text: '+5.0 pp', better: null } });
  });

  it('has what the same accuracy has cost, with how many times less', () => {
    const clear = { noisy_compute: false, noisy_seconds: false };
    const at = { step: 1, epoch: 1, range_compute: RANGE, range_seconds: RANGE, ...clear };
    const costs = costsOf(
      { ...at, equivalent_epochs: 8, seconds: 80, times_compute: 1, times_seconds: 1 },
      { ...at, equivalent_epochs: 4, seconds: 30, times_compute: 2, times_seconds: 8 / 3 },
    );
    const { label, cells } = row('compute_at', { costs, accuracy: 0.7 });
    expect(label).toBe('compute_at 70.0 %');
    expect(cells[1]).toMatchObject({ text: '4', best: true, delta: { text: '−4 · 2.00×', up: false, better: true } });
    expect(row('time_at', { costs, accuracy: 0.7 }).cells[1]?.delta?.text).toBe('−50 s · 2.67×');
    const missing = row('compute_at', { costs: [...costs.slice(0, 1), ...costsOf(null)], accuracy: 0.7 });
    expect(missing.cells[1]).toMatchObject({ value: null, title: 'not_reached' });
  });

  it('says nothing is better where it is too noisy to call', () => {
    const at = { step: 1, epoch: 1, range_compute: RANGE, range_seconds: RANGE, noisy_seconds: false };
    const costs = costsOf(
      { ...at, equivalent_epochs: 8, seconds: 80, times_compute: 1, times_seconds: 1, noisy_compute: false },
      { ...at, equivalent_epochs: 4, seconds: 30, times_compute: 2, times_seconds: 8 / 3, noisy_compute: true },
    );
    const { cells } = row('compute_at', { costs, accuracy: 0.7 });
    expect(cells[1]).toMatchObject({ text: '4', best: false, note: 'too_noisy', delta: { text: '−4', better: null } });
    expect(row('time_at', { costs, accuracy: 0.7 }).cells[1]).toMatchObject({ best: true, delta: { better: true } });
  });

  it('knows which rows differ, and never lists names', () => {
    const rows = tableRows(input());
    expect(rows.filter(({ group, differs }) => group === 'recipe' && differs).map(({ id }) => id)).toEqual(['seed']);
    expect(rows.some(({ id }) => id === 'name')).toBe(false);
    expect(row('dataset').cells[0]?.text).toBe('flowers');
  });

  it('has its rows in groups, results first', () => {
    const groups = tableRows(input()).map(({ group }) => group);
    expect([...new Set(groups)]).toEqual(['result', 'cost', 'recipe', 'data']);
    expect(groups).toEqual(groups.toSorted((a, b) => groups.indexOf(a) - groups.indexOf(b)));
  });

  it('has a paper’s own figures only in the rows that mean the same, and never as the best', () => {
    const published = [PAPER];
    expect(row('metric val/top1', { published }).cells[2]).toMatchObject({ text: '73.7 %', best: false, delta: null });
    expect(row('metric val/loss', { published }).cells[2]?.value).toBeNull();
    expect(row('compute', { published }).cells[2]?.text).toBe('200');
    expect(row('dataset', { published }).cells[2]?.text).toBe('ImageNet-1K');
    expect(row('seed', { published }).cells[2]?.text).toBe('–');
  });
});

describe('the table as a file', () => {
  const file = (digits = 1): TableFile => ({
    columns: ['constant_50%', 'a|b'],
    corner: 'Quantity',
    rows: tableRows(input({ digits })).filter(({ differs }) => differs),
    groupWord: (group) => group,
  });

  it('is CSV with numbers in full', () => {
    const [head, first] = tableCsv(file()).split('\r\n');
    expect(head).toBe('group,Quantity,constant_50%,a|b');
    expect(first).toBe('result,Val top-1,0.7,0.75');
  });

  it('is Markdown with differences and the best in bold', () => {
    const lines = tableMarkdown(file()).split('\n');
    expect(lines[0]).toBe('| Quantity | constant_50% | a\\|b |');
    expect(lines[1]).toBe('| --- | ---: | ---: |');
    expect(lines[2]).toBe('| Val top-1 | 70.0 % | **75.0 % (+5.0 pp)** |');
  });

  it('is LaTeX that compiles: every special letter escaped, a rule between groups', () => {
    expect(latex('two\n\nlines')).toBe('two lines');
    expect(latex('a_b 5 % ~ − × \\')).toBe('a\\_b 5 \\% \\textasciitilde{} $-$ $\\times$ \\textbackslash{}');
    const text = tableLatex(file(2));
    expect(text).toContain('Quantity & constant\\_50\\% & a|b \\\\');
    expect(text).toContain('Val top-1 & 70.00 \\% & \\textbf{75.00 \\% (+5.00 pp)} \\\\');
    expect(text.match(/\\midrule/g)?.length).toBe(3);
    expect(text).toContain('\\texttt{seed}');
  });
});
