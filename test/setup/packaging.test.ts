/** The packaging configuration, as far as it can be checked without Electron's binary (docs/packaging.md). */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FuseV1Options } from '@electron/fuses';
// The package exports none of this by name.
import { validateConfiguration } from 'app-builder-lib/out/util/config/config.js';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import config, { electronFuses } from '../../electron-builder.config.mjs';
import { unpacked } from '../../src/main/base/entry';
import { findNode } from '../../src/main/services/processes/node-process';

const root = join(import.meta.dirname, '../..');
const logger = { isEnabled: false, add: () => undefined } as never;

describe('packaging', () => {
  it("passes electron-builder's own check, and what it would not know does not", async () => {
    await validateConfiguration(structuredClone(config) as never, logger);
    await expect(validateConfiguration({ ...structuredClone(config), asarUnpak: [] } as never, logger)).rejects.toThrow(
      'asarUnpak',
    );
  });

  it('names files that are there', () => {
    const resources = [...config.extraResources, ...config.linux.extraResources].map(({ from }) => from);
    const icons = [config.linux.icon, config.win.icon, config.mac.icon];
    for (const path of [...resources, ...icons])
      expect(existsSync(path.startsWith('/') ? path : join(root, path)), path).toBe(true);
  });

  it('carries the licences, the engine where one is built, and a Node for Linux that runs', () => {
    expect(config.extraResources.map(({ to }) => to)).toEqual(
      expect.arrayContaining(['licenses/LICENSE', 'licenses/THIRD_PARTY_NOTICES.md']),
    );
    expect(config.linux.extraResources.map(({ to }) => to)).toEqual(['node/node', 'licenses/LICENSE.node']);
    expect(statSync(join(root, 'node_modules/node/bin/node')).mode & 0o111).not.toBe(0);
  });

  it('has an icon that is large enough for every system', async () => {
    const { width, height, format } = await sharp(join(root, config.linux.icon)).metadata();
    expect({ width, height, format }).toEqual({ width: 512, height: 512, format: 'png' });
  });

  it('sets every fuse, all but RunAsNode to the safe side', () => {
    const { runAsNode, ...rest } = electronFuses;
    expect(runAsNode).toBe(true);
    expect(rest).toEqual({
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    });
    // A fuse that a newer Electron adds needs a decision. WebAssembly's trap handlers are about speed, not safety.
    const known = Object.keys(FuseV1Options).filter((name) => Number.isNaN(Number(name)));
    expect(known.length - 1).toBe(Object.keys(electronFuses).length);
  });

  it('unpacks what processes of plain Node read', () => {
    expect(unpacked('/opt/studio/resources/app.asar')).toBe('/opt/studio/resources/app.asar.unpacked');
    expect(unpacked('/home/me/studio')).toBe('/home/me/studio');
    for (const pattern of ['out/main/**', 'node_modules/**', 'resources/**', 'package.json'])
      expect(config.asarUnpack).toContain(pattern);
  });

  it('runs them on a Node beside it, else on Electron as Node', () => {
    const surroundings = { electron: true, execPath: '/opt/studio/studio', resources: undefined, root: '/nowhere' };
    expect(findNode(surroundings)).toEqual({ path: '/opt/studio/studio', env: { ELECTRON_RUN_AS_NODE: '1' } });
    expect(findNode({ ...surroundings, root })).toEqual({ path: join(root, 'node_modules/node/bin/node'), env: {} });
    expect(findNode({ ...surroundings, electron: false })).toEqual({ path: '/opt/studio/studio', env: {} });
  });

  it('does not fetch or publish anything', () => {
    expect(config.publish).toBeNull();
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(scripts['package']).toContain('--publish never');
  });
});
