/**
 * Says whether an ICC profile can convert CMYK to colours (ICC.1:2022). Where it can't, the image library would
 * silently use one of its own.
 */

const HEADER = 128;
const CLASSES = ['prtr', 'mntr', 'scnr', 'spac'];
const INK_CHANNELS = 4;

export function usableInkProfile(profile: Buffer): boolean {
  const text = (at: number): string => profile.toString('latin1', at, at + 4);
  if (profile.length < HEADER + 4 || text(36) !== 'acsp' || profile.readUInt32BE(0) > profile.length) return false;
  if (text(16) !== 'CMYK' || !CLASSES.includes(text(12)) || !['Lab ', 'XYZ '].includes(text(20))) return false;
  const tags = profile.readUInt32BE(HEADER);
  if (HEADER + 4 + 12 * tags > profile.length) return false;
  let tables = 0;
  for (let tag = 0; tag < tags; tag++) {
    const at = HEADER + 4 + 12 * tag;
    const [from, size] = [profile.readUInt32BE(at + 4), profile.readUInt32BE(at + 8)];
    if (from + size > profile.length) return false;
    if (!['A2B0', 'A2B1', 'A2B2'].includes(text(at))) continue;
    if (!wholeTable(profile.subarray(from, from + size))) return false;
    tables++;
  }
  return tables > 0;
}

/** Says whether a table from four inks to three values has all of its entries. */
function wholeTable(table: Buffer): boolean {
  if (table.length < 32) return false;
  const [inputs, outputs, grid] = [table[8] as number, table[9] as number, table[10] as number];
  if (inputs !== INK_CHANNELS || outputs !== 3) return false;
  const points = grid ** inputs * outputs;
  switch (table.toString('latin1', 0, 4)) {
    case 'mft1':
      return grid > 1 && table.length >= 48 + 256 * inputs + points + 256 * outputs;
    case 'mft2':
      return (
        table.length >= 52 &&
        grid > 1 &&
        table.length >= 52 + 2 * (table.readUInt16BE(48) * inputs + points + table.readUInt16BE(50) * outputs)
      );
    case 'mAB ':
      // Offsets of the curves, the matrix and the table; each has to be inside the tag.
      return [12, 16, 20, 24, 28].every((at) => table.readUInt32BE(at) < table.length);
    default:
      return false;
  }
}
