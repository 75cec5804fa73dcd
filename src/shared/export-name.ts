const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/**
 * Says whether a folder may have this name on every system, and is directly in the folder that was picked: no path, no
 * `.` or `..`, nothing that Windows reserves or cuts off.
 */
export const isExportName = (name: string): boolean =>
  /^[^/\\:*?"<>|\p{Cc}]{1,120}$/u.test(name) && !/^\.{1,2}$|[. ]$|^ /.test(name) && !RESERVED.test(name);
