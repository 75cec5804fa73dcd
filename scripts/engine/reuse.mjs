/**
 * Takes libraries from an earlier build on this machine: they change less often than the code that is compiled against
 * them, and are large.
 */
import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MANIFEST, sha256 } from './cache.mjs';

/**
 * Links a file, which needs no space; where hard links are impossible (another file system, a network's), it is copied.
 */
function linkOrCopy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP'].includes(error.code)) throw error;
    copyFileSync(from, to);
  }
}

/** Returns finished builds of the same wheel beside `folder`, with their manifests. */
function earlierBuilds(folder, wheel) {
  const beside = dirname(folder);
  if (!existsSync(beside)) return [];
  return readdirSync(beside)
    .filter(
      (name) => name.startsWith(`${wheel}-`) && name !== basename(folder) && !/\.(part-\d+|wheels|lock)$/.test(name),
    )
    .filter((name) => existsSync(join(beside, name, MANIFEST)))
    .flatMap((name) => {
      try {
        return [
          { at: join(beside, name), files: JSON.parse(readFileSync(join(beside, name, MANIFEST), 'utf8')).files },
        ];
      } catch {
        // A build with a damaged manifest is not used.
        return [];
      }
    });
}

/**
 * Takes one wheel's files from an earlier build into `target`; each file is compared with its checksum.
 * @returns { path: { bytes, sha256, wheel } }, or null where no build has all of it whole
 */
async function takeWheel(builds, requirement, target) {
  for (const { at, files } of builds) {
    const own = Object.entries(files).filter(([, file]) => file.wheel === requirement);
    if (!own.length) continue;
    let whole = true;
    for (const [path, file] of own)
      whole &&= existsSync(join(at, path)) && (await sha256(join(at, path))) === file.sha256;
    if (!whole) continue;
    for (const [path] of own) linkOrCopy(join(at, path), join(target, path));
    return Object.fromEntries(own);
  }
  return null;
}

/** Takes these wheels' files from earlier builds. @returns the taken files by requirement */
export async function takeFromEarlier(target, folder, wheel, requirements) {
  const builds = earlierBuilds(folder, wheel);
  const taken = new Map();
  for (const requirement of requirements) {
    const files = await takeWheel(builds, requirement, target);
    if (files) taken.set(requirement, files);
  }
  return taken;
}
