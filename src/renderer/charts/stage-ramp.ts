/** The one ramp of stages, cool (low frequency) to warm (full): the same in the editor, the shading of charts, and tables. */
const STEPS = 10;

/** Token of stage `index` of `count`, spread over the whole ramp. */
export function stageToken(index: number, count: number): string {
  const at = count <= 1 ? STEPS - 1 : Math.round((index / (count - 1)) * (STEPS - 1));
  return `--stage-${at}`;
}
