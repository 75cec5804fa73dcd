/** What `npm run package` makes an installer of; docs/packaging.md says what of it has been verified. */
import { existsSync } from 'node:fs';
import { cacheFolder, MANIFEST } from './scripts/engine/cache.mjs';

const engine = cacheFolder();
const isBuilt = existsSync(`${engine}/${MANIFEST}`);

/**
 * Every fuse is set. RunAsNode stays on: where no Node is beside it (Windows, macOS), trainers, jobs and pictures run in Electron as Node. Its
 * price: who can start this program with an environment of their choice can run scripts with it, as with any Node.
 */
export const electronFuses = {
  runAsNode: true,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false,
};

export default {
  appId: 'studio.efficienttrain',
  productName: 'EfficientTrain Studio',
  copyright: 'MIT licence; THIRD_PARTY_NOTICES.md',
  directories: { output: 'dist', buildResources: 'resources/icons' },
  // Nothing is rebuilt: better-sqlite3 and sharp bring Node-API binaries that Electron loads as they are.
  npmRebuild: false,
  electronFuses,
  // No update server: the program reaches no network.
  publish: null,
  compression: 'maximum',
  files: [
    'out/**/*',
    '!out/**/*.map',
    '!out/.*',
    'resources/**/*',
    'package.json',
    '!node_modules/node-api-headers/**',
  ],
  asar: true,
  // Trainers, jobs and pictures are processes of plain Node, which reads no archive; the window and what Electron runs stay in it.
  asarUnpack: ['out/main/**', 'node_modules/**', 'resources/**', 'package.json'],
  extraResources: [
    { from: 'LICENSE', to: 'licenses/LICENSE' },
    { from: 'THIRD_PARTY_NOTICES.md', to: 'licenses/THIRD_PARTY_NOTICES.md' },
    ...(isBuilt ? [{ from: engine, to: 'engine' }] : []),
  ],
  linux: {
    target: ['AppImage', 'deb'],
    category: 'Science',
    icon: 'resources/icons/icon.png',
    executableName: 'efficienttrain-studio',
    synopsis: 'Trains vision backbones under the EfficientTrain++ curriculum',
    maintainer: 'EfficientTrain Studio',
    mimeTypes: ['inode/directory'],
    // sharp can't decode in Electron's Linux binary (src/main/services/processes/node-process.ts).
    extraResources: [
      { from: 'node_modules/node/bin/node', to: 'node/node' },
      { from: `node_modules/node/node_modules/node-linux-${process.arch}/LICENSE`, to: 'licenses/LICENSE.node' },
    ],
  },
  win: { target: ['nsis'], icon: 'resources/icons/icon.png' },
  nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
  mac: {
    target: ['dmg'],
    icon: 'resources/icons/icon.png',
    category: 'public.app-category.developer-tools',
    hardenedRuntime: true,
    // A folder can be dropped on its icon.
    extendInfo: {
      CFBundleDocumentTypes: [
        {
          CFBundleTypeName: 'Folder',
          CFBundleTypeRole: 'Viewer',
          LSHandlerRank: 'Alternate',
          LSItemContentTypes: ['public.folder'],
        },
      ],
    },
  },
};
