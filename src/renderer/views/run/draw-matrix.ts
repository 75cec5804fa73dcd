/** Draws the part of a confusion matrix that is in view onto a canvas. */
import type { ChartTheme } from '../../charts/chart-theme';
import type { Confusion } from './confusion';
import { blended, readableOn, rgbOf, type Rgb } from '../../charts/readable';

export interface MatrixView {
  matrix: Confusion;
  theme: ChartTheme;
  name: (index: number) => string;
  width: number;
  height: number;
  left: number;
  top: number;
  /** Side of a cell in px. */
  cell: number;
  /** Room in px for names at the left and above; 0: none. */
  head: number;
  chosen: readonly [number, number] | null;
  cursor: readonly [number, number] | null;
}

const NUMBER_FROM = 24;
const FAINT = 0.06;

/** Returns how strongly a cell is filled. */
export const strength = (share: number): number => (share === 0 ? FAINT : 0.12 + 0.88 * Math.sqrt(share));

const fillOf = (theme: ChartTheme, right: boolean): string => theme.colour(right ? '--accent' : '--bad');

/** Sizes a canvas to its view, in device pixels. */
function prepare(canvas: HTMLCanvasElement, { width, height }: MatrixView): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  context?.scale(ratio, ratio);
  return context;
}

interface Span {
  from: number;
  to: number;
}

const span = (scroll: number, room: number, cell: number, size: number): Span => ({
  from: Math.max(Math.floor(scroll / cell), 0),
  to: Math.min(Math.ceil((scroll + room) / cell), size),
});

/**
 * Draws cells: right ones on the diagonal in the accent, wrong ones in the warning's colour. Their place distinguishes
 * them as well.
 */
function cells(context: CanvasRenderingContext2D, view: MatrixView, rows: Span, columns: Span): void {
  const { matrix, theme, cell, head, left, top } = view;
  const gap = cell >= 6 ? 1 : 0;
  for (let label = rows.from; label < rows.to; label++) {
    for (let prediction = columns.from; prediction < columns.to; prediction++) {
      const share = matrix.share(label, prediction);
      if (share === 0 && label !== prediction) continue;
      context.globalAlpha = strength(share);
      context.fillStyle = fillOf(theme, label === prediction);
      context.fillRect(head + prediction * cell - left, head + label * cell - top, cell - gap, cell - gap);
    }
  }
  context.globalAlpha = 1;
}

function numbers(context: CanvasRenderingContext2D, view: MatrixView, rows: Span, columns: Span): void {
  const { matrix, theme, cell, head, left, top } = view;
  if (cell < NUMBER_FROM) return;
  context.font = `12px ${theme.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const ground = rgbOf(theme.background);
  const [right, wrong] = [true, false].map((kind) => rgbOf(fillOf(theme, kind))) as [Rgb, Rgb];
  for (let label = rows.from; label < rows.to; label++) {
    for (let prediction = columns.from; prediction < columns.to; prediction++) {
      const count = matrix.at(label, prediction);
      if (!count) continue;
      const fill = label === prediction ? right : wrong;
      context.fillStyle = readableOn(blended(fill, ground, strength(matrix.share(label, prediction))));
      context.fillText(
        String(count),
        head + (prediction + 0.5) * cell - left,
        head + (label + 0.5) * cell - top,
        cell - 2,
      );
    }
  }
}

function clipped(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > room) end--;
  return `${text.slice(0, end)}…`;
}

function names(context: CanvasRenderingContext2D, view: MatrixView, rows: Span, columns: Span): void {
  const { theme, cell, head, left, top, width, height, name } = view;
  if (!head) return;
  context.fillStyle = theme.background;
  context.fillRect(0, 0, width, head);
  context.fillRect(0, 0, head, height);
  context.fillStyle = theme.quiet;
  context.font = `12px ${theme.font}`;
  context.textBaseline = 'middle';
  const room = head - 10;
  context.save();
  context.beginPath();
  context.rect(0, head, head, height - head);
  context.clip();
  context.textAlign = 'right';
  for (let label = rows.from; label < rows.to; label++)
    context.fillText(clipped(context, name(label), room), head - 6, head + (label + 0.5) * cell - top);
  context.restore();
  context.save();
  context.beginPath();
  context.rect(head, 0, width - head, head);
  context.clip();
  context.textAlign = 'left';
  for (let prediction = columns.from; prediction < columns.to; prediction++) {
    context.save();
    context.translate(head + (prediction + 0.5) * cell - left, head - 6);
    context.rotate(-Math.PI / 2);
    context.fillText(clipped(context, name(prediction), room), 0, 0);
    context.restore();
  }
  context.restore();
}

function outline(
  context: CanvasRenderingContext2D,
  view: MatrixView,
  at: readonly [number, number],
  colour: string,
): void {
  const { cell, head, left, top } = view;
  const side = Math.max(cell, 6);
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.strokeRect(head + at[1] * cell - left - 0.5, head + at[0] * cell - top - 0.5, side, side);
}

export function drawMatrix(canvas: HTMLCanvasElement, view: MatrixView): void {
  const context = prepare(canvas, view);
  if (!context) return;
  const { matrix, theme, cell, head, left, top, width, height } = view;
  const rows = span(top, height - head, cell, matrix.size);
  const columns = span(left, width - head, cell, matrix.size);
  cells(context, view, rows, columns);
  numbers(context, view, rows, columns);
  if (view.chosen) outline(context, view, view.chosen, theme.colour('--text'));
  if (view.cursor) outline(context, view, view.cursor, theme.colour('--focus'));
  names(context, view, rows, columns);
}
