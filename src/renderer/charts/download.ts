/** Gives the user a file. Apart from the charts: what only writes a table need not load them. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** A name that every file system takes. */
export const fileName = (title: string, extension: string): string =>
  `${title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}+_-]+/gu, '-')
    .replace(/^-+|-+$/g, '')}.${extension}`;
