import { describe, expect, it } from 'vitest';
import { exportName, isExportName, joinPath } from '../../../src/renderer/views/export/export-name';
import { JOB_KINDS } from '../../../src/shared/contract/job-kinds';

describe('an export’s name', () => {
  it('is the run’s, as a folder may be called, with the format', () => {
    expect(exportName('resnet_micro-efficienttrain++-8csm', 'safetensors')).toBe(
      'resnet_micro-efficienttrain++-8csm-safetensors',
    );
    expect(exportName('../a b\\c: "d"?', 'savedmodel')).toBe('a-b-c-d-savedmodel');
    expect(exportName('花 1', 'safetensors')).toBe('花-1-safetensors');
    expect(exportName('...', 'safetensors')).toBe('run-safetensors');
  });

  it.each(['x'.repeat(400), '/', '..', ' ', 'ordinary', 'con.x', 'NUL.', 'a\u0000b', '.hidden', 'LPT1'])(
    'of %j is one that the program takes',
    (run) => {
      const name = exportName(run, 'safetensors');
      expect(isExportName(name)).toBe(true);
      expect(JOB_KINDS.export.args.safeParse({ run: 'r', format: 'safetensors', folder: '/', name }).success).toBe(
        true,
      );
    },
  );

  it.each([
    ...['', '.', '..', 'a/b', 'a\\b', 'c:', 'x'.repeat(121), '/etc', '../x', 'a/..', 'C:\\x', '\\\\server\\share'],
    ...[
      'con',
      'NUL',
      'aux.txt',
      'Com1',
      'LPT9.x',
      'a.',
      'a ',
      ' a',
      '...',
      'a\u0000',
      'a\nb',
      'a*',
      'a?',
      'a|b',
      'a<b',
      'a"b',
    ],
  ])('%j is refused while it is typed, and by the program', (name) => {
    expect(isExportName(name)).toBe(false);
    expect(JOB_KINDS.export.args.safeParse({ run: 'r', format: 'safetensors', folder: '/', name }).success).toBe(false);
  });

  it('is joined to its folder as the system writes paths', () => {
    expect(joinPath('/home/me', 'x')).toBe('/home/me/x');
    expect(joinPath('/', 'x')).toBe('/x');
    expect(joinPath('C:\\data', 'x')).toBe('C:\\data\\x');
    expect(joinPath('/odd\\name', 'x')).toBe('/odd\\name/x');
  });
});
