/** Oldest glibc that TensorFlow's libraries run on. A system with another C library can't load them at all. */
const OLDEST = [2, 27];

/**
 * Says why the engine can't run here. @param header the header of Node's report, which names the glibc that runs it:
 * given in tests @returns null where the engine can run
 */
export function whyNoGlibc(header = process.report.getReport().header) {
  const version = header.glibcVersionRuntime;
  if (!version) {
    return 'TensorFlow needs glibc, and this system has another C library, such as musl on Alpine Linux; use a system or container image with glibc (Debian, Ubuntu, Fedora)';
  }
  const [major, minor] = version.split('.').map(Number);
  const isOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  return isOld
    ? `TensorFlow needs glibc ${OLDEST.join('.')} or newer, and this system has ${version}; use a newer system or container image`
    : null;
}
