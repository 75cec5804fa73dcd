const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/**
 * Whether a folder may be called so on every system, and lies directly in the folder that was picked: no path, no `.`
 * or `..`, nothing that Windows reserves or cuts off.
 */
export const isExportName = (name: string): boolean =>
  /^[^/\\:*?"<>|\p{Cc}]{1,120}$/u.test(name) && !/^\.{1,2}$|[. ]$|^ /.test(name) && !RESERVED.test(name);
