/** Shows a paper's figures in the table of one's own runs. */
import { percent, significant, times } from '../../format/numbers';
import { NO_CELL, type Cell } from './number-row';
import type { Published } from './published';
import type { TableInput, TableRow } from './table-parts';

type Word = TableInput['word'];
type Said = (text: string, value: number | string) => Cell;

/** Formats a row that is not of accuracy: its own figures, by their names. */
function measured({ measures }: Published, said: Said): Cell {
  const text = Object.entries(measures)
    .map(([name, value]) => `${name} ${significant(value, 3)}`)
    .join(', ');
  return said(text, text);
}

/** Formats how much faster it was, or what it has cost. */
function costOf({ speedup, speedup_compute, gpu_days }: Published, said: Said, word: Word): Cell {
  const parts = [
    ...(speedup === null ? [] : [word('published_speedup', { times: times(speedup) })]),
    ...(speedup_compute === null ? [] : [word('published_speedup_compute', { times: times(speedup_compute) })]),
    ...(gpu_days === null ? [] : [word('published_gpu_days', { days: significant(gpu_days, 4) })]),
  ];
  const text = parts.join(', ');
  return text ? said(text, text) : NO_CELL;
}

/** Formats a paper's figure in the rows of the same meaning. */
export function publishedCell(row: TableRow, paper: Published, word: Word): Cell {
  const { where, method, data, note } = paper;
  const words = {
    paper: paper.paper,
    where,
    method,
    data,
    epochs: paper.epochs === null ? '–' : significant(paper.epochs),
  };
  const title = [word('as_published', words), note].filter(Boolean).join('. ');
  const said: Said = (text, value) => ({ ...NO_CELL, ...{ text, value, count: 1, title } });
  if (row.id === 'metric val/top1')
    return paper.top1 === null ? measured(paper, said) : said(percent(paper.top1, 1), paper.top1);
  if (row.id === 'compute' && paper.epochs !== null) return said(significant(paper.epochs), paper.epochs);
  if (row.id === 'size') return said(String(paper.size), paper.size);
  if (row.id === 'model') return said(paper.model, paper.model);
  if (row.id === 'dataset') return said(paper.data, paper.data);
  if (row.id === 'schedule.preset') return said(paper.method, paper.method);
  if (row.id === 'time') return costOf(paper, said, word);
  return NO_CELL;
}
