import { departuresFrom, departureText, type HeldAgainst } from '../../shared/published/departures';
import { findRow, rowLabel } from '../../shared/published/find-row';
import { modelOfRow } from '../../shared/published/paper-model';
import { modelEntries, modelEntry } from '../engine/models';
import { percent } from './format';

export const AGAINST = {
  type: 'string',
  value: 'ROW',
  description: 'a row of the papers that the plan is compared with, e.g. "Swin-T, TPAMI 2024, 200 epochs"',
} as const;

/** Lists where a run departs from the row of this name. @throws AppError not_found */
export function heldAgainst(
  name: string,
  run: Omit<HeldAgainst, 'model' | 'paperModel'>,
): { json: unknown; lines: string[] } {
  const row = findRow(name);
  const paperModel = modelEntries().find(({ id }) => id === modelOfRow(row)) ?? null;
  const departures = departuresFrom(row, { ...run, model: modelEntry(run.config.model), paperModel });
  const accuracy = row.top1 === null ? '' : `, top-1 ${percent(row.top1)}`;
  return {
    json: { row, departures: departures.map((each) => ({ ...each, text: departureText(each) })) },
    lines: [
      `Against ${rowLabel(row)} (${row.paper}${accuracy}):`,
      ...(departures.length ? departures.map((each) => `  ${departureText(each)}`) : ['  It departs in nothing.']),
      ...(row.note === null ? [] : [`  ${row.note}`]),
    ],
  };
}
