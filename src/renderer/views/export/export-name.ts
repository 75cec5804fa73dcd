import { isExportName } from '../../../shared/export-name';

export { isExportName };

/** Makes a folder name that every system takes from a run's name and a format. */
export function exportName(run: string, format: string): string {
  const plain = run
    .normalize('NFKC')
    .replace(/[/\\:*?"<>|,\s\p{Cc}]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 100);
  const name = `${plain || 'run'}-${format}`;
  return isExportName(name) ? name : `run-${name}`;
}

/** Joins a path; Windows paths have backslashes, and only those do. */
export const joinPath = (folder: string, name: string): string => {
  const separator = /^[A-Za-z]:\\|^\\\\/.test(folder) ? '\\' : '/';
  return folder.endsWith(separator) ? folder + name : folder + separator + name;
};
