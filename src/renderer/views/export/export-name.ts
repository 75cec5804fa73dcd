/** A folder name that every system takes, out of a run's name and a format. */
export function exportName(run: string, format: string): string {
  const plain = run
    .normalize('NFKC')
    .replace(/[/\\:*?"<>|,\s\p{Cc}]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 100);
  return `${plain || 'run'}-${format}`;
}

export const isExportName = (name: string): boolean => /^[^/\\:]{1,120}$/.test(name) && name !== '.' && name !== '..';

/** Windows paths have backslashes, and only those do. */
export const joinPath = (folder: string, name: string): string => {
  const separator = /^[A-Za-z]:\\|^\\\\/.test(folder) ? '\\' : '/';
  return folder.endsWith(separator) ? folder + name : folder + separator + name;
};
