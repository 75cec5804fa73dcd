/** Gives the user a file. It is apart from the charts, so that code that only writes a table need not load them. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** Makes a name that every file system takes. */
export const fileName = (title: string, extension: string): string =>
  `${title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}+_-]+/gu, '-')
    .replace(/^-+|-+$/g, '')}.${extension}`;
