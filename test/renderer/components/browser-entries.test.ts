import { describe, expect, it } from 'vitest';
import { entriesOf } from '../../../src/renderer/components/browser-entries';

const folder = (name: string) => ({ name, path: `/d/${name}` });
const listing = {
  folders: [folder('class 10'), folder('Class 2')],
  files: [
    { ...folder('labels.CSV'), bytes: 12 },
    { ...folder('a.jpg'), bytes: 5 },
  ],
};
const names = (options: Parameters<typeof entriesOf>[1]): string[] =>
  entriesOf(listing, options).map(({ name }) => name);

describe('the browser of folders', () => {
  it('lists folders as people count, and no files where a folder is wanted', () => {
    expect(names({ files: false, extensions: [], search: '' })).toEqual(['Class 2', 'class 10']);
  });

  it('lists files that fit behind the folders, in whatever case their extension is', () => {
    expect(names({ files: true, extensions: ['csv'], search: '' })).toEqual(['Class 2', 'class 10', 'labels.CSV']);
    expect(names({ files: true, extensions: [], search: '' })).toEqual(['Class 2', 'class 10', 'a.jpg', 'labels.CSV']);
  });

  it('filters both by name', () => {
    expect(names({ files: true, extensions: [], search: 'LA' })).toEqual(['Class 2', 'class 10', 'labels.CSV']);
    expect(names({ files: true, extensions: [], search: '10' })).toEqual(['class 10']);
  });
});
