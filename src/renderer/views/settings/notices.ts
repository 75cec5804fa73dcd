/** Parses the tables of THIRD_PARTY_NOTICES.md for the window's list. */
export interface Notice {
  name: string;
  version: string;
  licence: string;
}

const ROW = /^\| (?<name>[^|]+) \| (?<version>[^|]+) \| (?<licence>[^|]+) \|/;

/** Returns every package once; a later table may name one again. */
export function noticesOf(markdown: string): Notice[] {
  const found = new Map<string, Notice>();
  for (const line of markdown.split('\n')) {
    const groups = ROW.exec(line)?.groups as { name: string; version: string; licence: string } | undefined;
    if (!groups || groups.name.trim() === 'package' || /^-+$/.test(groups.name.trim())) continue;
    const notice = { name: groups.name.trim(), version: groups.version.trim(), licence: groups.licence.trim() };
    found.set(`${notice.name} ${notice.version}`, notice);
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'));
}
