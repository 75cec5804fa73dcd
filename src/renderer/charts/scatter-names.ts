/** Places names beside a scatter's points. Pure. */
import { placeAlong, type ScatterModel, type ScatterPoint } from './scatter-model';

export type Side = 'right' | 'left' | 'top' | 'bottom';
type Pixel = readonly [number, number];

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A name is cut at `most` px. `letter`: a wide letter at 12 px. */
export const NAME_PX = { letter: 6.8, most: 160, height: 16, gap: 5 } as const;
/** Returns a name's width in px, `most` where it is cut. */
export const widthOf = (name: string): number => Math.min(NAME_PX.letter * name.length, NAME_PX.most);

/** The best side first. */
const SIDES: readonly Side[] = ['right', 'left', 'top', 'bottom'];

/** Returns the share of the way from `from` to `to` where a line enters and leaves `low` to `high`. */
function within(from: number, to: number, low: number, high: number): Pixel | null {
  const span = to - from;
  if (span === 0) return from > low && from < high ? [0, 1] : null;
  const ends = [(low - from) / span, (high - from) / span];
  return [Math.min(...ends), Math.max(...ends)];
}

function crosses([x1, y1]: Pixel, [x2, y2]: Pixel, box: Box): boolean {
  const across = within(x1, x2, box.left, box.right);
  const down = within(y1, y2, box.top, box.bottom);
  return across !== null && down !== null && Math.max(across[0], down[0], 0) < Math.min(across[1], down[1], 1);
}

const pairs = <T>(list: readonly T[]): [T, T][] => list.slice(1).map((to, index) => [list[index] as T, to]);

/** Returns each point's place in px of the plot. */
function placing({ columns, rows, x, y }: ScatterModel): (of: ScatterPoint) => Pixel {
  return (of) => [columns * placeAlong(x, of.x), rows * (1 - placeAlong(y, of.y))];
}

/** Returns all lines that are drawn: links, and the front's steps. */
function linesOf(model: ScatterModel, place: (of: ScatterPoint) => Pixel): [Pixel, Pixel][] {
  const front = model.front.length > 1 ? pairs(model.front.map(place)) : [];
  return [
    ...model.links.flatMap((link) => pairs(link.map(place))),
    ...front.flatMap(([from, to]): [Pixel, Pixel][] => [
      [from, [to[0], from[1]]],
      [[to[0], from[1]], to],
    ]),
  ];
}

/**
 * Chooses sides, of which none has another point beneath the name: the one where the fewest lines cross it.
 * @param room px to the right of the plot that a name may use
 * @param pointPx a point's width
 * @returns each named point with its side; a point whose sides are all taken has none
 */
export function sidesOf(model: ScatterModel, room: number, pointPx: number): Map<ScatterPoint, Side> {
  const place = placing(model);
  const places = model.points.map(place);
  const lines = linesOf(model, place);
  const isInside = ({ left, top, right, bottom }: Box): boolean =>
    left >= 0 && right <= model.columns + room && top >= 0 && bottom <= model.rows;
  const taken: Box[] = [];
  const sides = new Map<ScatterPoint, Side>();
  for (const [index, point] of model.points.entries()) {
    if (!point.label) continue;
    const box = boxAt(places[index] as Pixel, widthOf(point.label), pointPx);
    const isFree = (of: Box): boolean =>
      places.every((other, at) => at === index || !isOver(of, other, pointPx / 2)) &&
      !taken.some((other) => overlap(other, of));
    const best = SIDES.map((side) => ({ side, box: box(side) }))
      .filter(({ box }) => isInside(box) && isFree(box))
      .map((place) => ({ ...place, lines: lines.filter(([from, to]) => crosses(from, to, place.box)).length }))
      .toSorted((a, b) => a.lines - b.lines)[0];
    if (!best) continue;
    sides.set(point, best.side);
    taken.push(best.box);
  }
  return sides;
}

/** Returns the box of a name of `width` px on each side of a point. */
function boxAt([x, y]: Pixel, width: number, pointPx: number): (side: Side) => Box {
  const away = pointPx / 2 + NAME_PX.gap;
  const half = NAME_PX.height / 2;
  const box = (left: number, top: number): Box => ({ left, top, right: left + width, bottom: top + NAME_PX.height });
  return (side) =>
    ({
      right: box(x + away, y - half),
      left: box(x - away - width, y - half),
      top: box(x - width / 2, y - away - NAME_PX.height + 2),
      bottom: box(x - width / 2, y + away - 2),
    })[side];
}

const isOver = (box: Box, [x, y]: Pixel, reach: number): boolean =>
  x > box.left - reach && x < box.right + reach && y > box.top - reach / 2 && y < box.bottom + reach / 2;

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
