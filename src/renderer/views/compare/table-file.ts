/** Writes the comparison as a file for a spreadsheet, a README or a paper. Pure. */
import { csvCell } from '../../../shared/csv-cell';
import type { TableRow } from './table-parts';

export interface TableFile {
  /** Names of the columns after the first. */
  columns: readonly string[];
  /** Head of the first column. */
  corner: string;
  rows: readonly TableRow[];
  groupWord: (group: TableRow['group']) => string;
}

/** Writes numbers in full; where seeds are one column, with their standard deviation and number. */
export function tableCsv({ columns, corner, rows, groupWord }: TableFile): string {
  const spread = rows.some(({ cells }) => cells.some((cell) => cell.spread !== null));
  const heads = spread ? columns.flatMap((name) => [name, `${name} std`, `${name} n`]) : columns;
  const written = (cells: TableRow['cells']): (number | string | null)[] =>
    cells.flatMap(({ value, spread: std, count }) => (spread ? [value, std, count] : [value]));
  const lines = [
    ['group', corner, ...heads].map(csvCell),
    ...rows.map(({ group, label, cells }) => [groupWord(group), label, ...written(cells)].map(csvCell)),
  ];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

const markdown = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');

const both = (row: TableRow, at: number): string => {
  const cell = row.cells[at];
  return cell?.delta ? `${cell.text} (${cell.delta.text})` : (cell?.text ?? '');
};

export function tableMarkdown({ columns, corner, rows }: TableFile): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |\n`;
  const body = rows.map((row) =>
    line([
      row.field ? `\`${row.label}\`` : markdown(row.label),
      ...row.cells.map((cell, at) => (cell.best ? `**${markdown(both(row, at))}**` : markdown(both(row, at)))),
    ]),
  );
  return [line([corner, ...columns].map(markdown)), line(['---', ...columns.map(() => '---:')]), ...body].join('');
}

const SPECIAL: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '−': '$-$',
  '±': '$\\pm$',
  '×': '$\\times$',
  '·': '$\\cdot$',
  '–': '--',
};

/** Writes a text as one line of a cell, because a break would end a paragraph within the table. */
export const latex = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').replace(/[\\~^−±×·–&%$#_{}]/g, (letter) => SPECIAL[letter] ?? `\\${letter}`);

/** Writes a table for the booktabs package. */
export function tableLatex({ columns, corner, rows }: TableFile): string {
  const line = (cells: string[]): string => `  ${cells.join(' & ')} \\\\\n`;
  const body = rows.map((row, at) => {
    const before = at > 0 && rows[at - 1]?.group !== row.group ? '  \\midrule\n' : '';
    const label = row.field ? `\\texttt{${latex(row.label)}}` : latex(row.label);
    return (
      before +
      line([
        label,
        ...row.cells.map((cell, index) =>
          cell.best ? `\\textbf{${latex(both(row, index))}}` : latex(both(row, index)),
        ),
      ])
    );
  });
  return [
    `% \\usepackage{booktabs}\n\\begin{tabular}{l${'r'.repeat(columns.length)}}\n  \\toprule\n`,
    line([corner, ...columns].map(latex)),
    '  \\midrule\n',
    ...body,
    '  \\bottomrule\n\\end{tabular}\n',
  ].join('');
}
