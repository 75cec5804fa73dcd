import { statSync } from 'node:fs';
import type { TableReading } from '../../../shared/contract/table';
import type { Problem } from '../../engine/data/scan/entries';
import type { ScanProgress } from '../../engine/data/scan/scan';
import { databasePath } from '../../base/home';
import { reviewImport } from '../../services/datasets/imports';
import type { Dataset } from '../../store/datasets';
import { openStore } from '../../store/open';
import { AppError } from '../../../shared/errors';
import { isUnlabelled } from '../../../shared/labels';
import { escapeControls } from '../../../shared/printable';
import { countOf, sumOf } from '../../../shared/tally';
import { choiceOption, numberOption, optionalNumber, textOption } from '../options';
import type { Command } from '../command';
import { confirmed } from '../confirm';
import { layoutLines } from '../layout-lines';
import { splitTable } from '../split-table';
import { bar, duration, table } from '../format';

/** Kinds of findings, worst first. */
const ORDER = [
  'leak',
  'label_conflict',
  'only_class',
  'untrained_class',
  'empty_split',
  'truncated',
  'empty',
  'not_an_image',
  'unsupported',
  'too_large',
  'unreadable',
  'broken_link',
  'link_loop',
  'bad_row',
  'empty_class',
  'unmeasured_class',
  'single_image_class',
  'similar_classes',
  'duplicate',
  'near_duplicate',
  'outside_folder',
  'other_spelling',
  'unused_column',
  'table_note',
  'ignored',
];
const SHOWN = 5;

/**
 * One formatter for all lines: toLocaleString would make one for each number, which takes longer than reading a small
 * image.
 */
const NUMBER = new Intl.NumberFormat('en');

function progressLine({ phase, done, total }: ScanProgress, began: number): string {
  if (phase === 'listing') return `listing files: ${NUMBER.format(done)}`;
  if (phase === 'comparing') return 'comparing images';
  const seconds = (performance.now() - began) / 1000;
  const left = seconds > 2 ? `, about ${duration((seconds / done) * (total - done))} left` : '';
  return `reading images: ${NUMBER.format(done)} of ${NUMBER.format(total)}, ${Math.round(done / seconds)} img/s${left}`;
}

function reviewText({ name, record, classes }: Dataset, problems: readonly Problem[]): string {
  const { counts } = record;
  const splits = Object.keys(counts).sort();
  const images = splits.reduce((sum, split) => sum + sumOf(counts[split]), 0);
  const kinds = Object.entries(record.problems).filter(([kind]) => kind !== 'ignored').length;
  const unlabelled = isUnlabelled({ classes });
  const largest = Math.max(...splits.flatMap((split) => Object.values(counts[split] ?? {})));
  const rows = classes.map((label) => [
    label,
    ...splits.map((split) => String(countOf(counts[split], label))),
    bar(countOf(counts['train'], label) / largest, 24),
  ]);
  const lines = [
    `${name}: ${images.toLocaleString('en')} images, ${unlabelled ? 'no labels' : `${classes.length} ${classes.length === 1 ? 'class' : 'classes'}`}. ${kinds ? `${kinds} ${kinds === 1 ? 'thing' : 'things'} to check.` : 'Nothing wrong was found.'}`,
  ];
  const shown = rows.length > 40 ? [...rows.slice(0, 40), [`… ${rows.length - 40} more`]] : rows;
  lines.push(...layoutLines({ record, classes }));
  lines.push('', unlabelled ? splitTable(counts) : table(['class', ...splits, ''], shown), '');
  for (const kind of ORDER) {
    const found = problems.filter((problem) => problem.kind === kind);
    if (!found.length) continue;
    const left = record.excluded[kind] ? `, ${record.excluded[kind]} left out` : '';
    lines.push(
      `${kind}: ${found.length}${left}`,
      ...found
        .slice(0, SHOWN)
        .map(({ path, reason, others }) =>
          escapeControls(
            `  ${path}: ${reason}${others ? ` (${others.slice(0, 2).join(', ')}${others.length > 2 ? ', …' : ''})` : ''}`,
          ),
        ),
    );
    if (found.length > SHOWN) lines.push(`  … ${found.length - SHOWN} more; --json lists all`);
  }
  return lines.join('\n').trimEnd();
}

/** Maps options of the command to a table's options. */
const TABLE_OPTIONS = {
  'path-column': 'path_column',
  'label-column': 'label_column',
  'split-column': 'split_column',
  'val-value': 'val_value',
  encoding: 'encoding',
} as const;

function tableOptions(values: Parameters<typeof textOption>[0]): TableReading {
  const options: TableReading = {};
  for (const [flag, key] of Object.entries(TABLE_OPTIONS)) {
    const value = textOption(values, flag);
    if (value !== undefined) options[key] = value;
  }
  return options;
}

/**
 * Refuses an empty text, which is most often a variable of the shell that holds nothing; as a source it would mean the
 * working folder.
 */
function refuseEmpty(option: string, value: string | undefined): void {
  if (value === undefined || value.trim()) return;
  throw new AppError({
    code: 'usage',
    what: `${option} of import is empty.`,
    why: 'A variable of the shell that holds nothing leaves it so.',
    next: 'Give it, and run the command again.',
  });
}

/** Returns null where it is not known: then the scan says why the source can't be read. */
function isFolderAt(source: string): boolean | null {
  try {
    return statSync(source, { throwIfNoEntry: false })?.isDirectory() ?? null;
  } catch {
    return null;
  }
}

/** Refuses options about labels with an import without labels. */
function refuseLabels(values: Parameters<typeof textOption>[0]): void {
  const option = ['layout', 'label-column'].find((flag) => textOption(values, flag) !== undefined);
  if (values['unlabelled'] !== true || option === undefined) return;
  throw new AppError({
    code: 'usage',
    what: `--${option} can't be used with --unlabelled.`,
    why: `It says ${option === 'layout' ? 'which folders are classes' : 'which column holds the labels'}, and --unlabelled takes the images without labels.`,
    next: 'Leave one of the two out.',
  });
}

/** Refuses options of tables for a folder, and --layout for a table: none is ignored silently. */
function refuseOtherOptions(source: string, values: Parameters<typeof textOption>[0]): void {
  const isFolder = isFolderAt(source);
  if (isFolder === null) return;
  const option = (isFolder ? Object.keys(TABLE_OPTIONS) : ['layout']).find(
    (flag) => textOption(values, flag) !== undefined,
  );
  if (option === undefined) return;
  throw new AppError({
    code: 'usage',
    what: `--${option} can't be used with ${source}.`,
    why: isFolder
      ? 'It says how a table is read, and this is a folder.'
      : 'It says how a folder is read, and this is a file.',
    next: isFolder
      ? 'Leave it out, or give the table that names the images.'
      : 'Leave it out, or give the folder of the images.',
  });
}

export const command: Command = {
  name: 'import',
  summary: 'Scan a folder or table of images, review it, and commit it as a dataset.',
  positionals: 'SOURCE',
  options: {
    name: { type: 'string', value: 'NAME', description: "the dataset's name (default: the source's)" },
    'val-split': {
      type: 'string',
      value: 'SHARE',
      description:
        'share of each class drawn for validation where the source has no val split (default 0.2; with --unlabelled none)',
    },
    seed: { type: 'string', value: 'N', description: 'seed of that draw (default 0)' },
    'path-column': {
      type: 'string',
      value: 'COLUMN',
      description: "a table's column of the paths, by name or by number from 1",
    },
    'label-column': { type: 'string', value: 'COLUMN', description: "a table's column of the labels" },
    'split-column': {
      type: 'string',
      value: 'COLUMN',
      description: "a table's column of the split; none: the table has no split, and one is drawn",
    },
    'val-value': {
      type: 'string',
      value: 'VALUE',
      description: 'rows with this value in the split column are validation, all others train',
    },
    encoding: {
      type: 'string',
      value: 'NAME',
      description: "a table's encoding (default: UTF-8, or UTF-16 by its signs)",
    },
    'exclude-problems': {
      type: 'boolean',
      description: 'leave out all but the first of exact duplicates, and every file of a label conflict',
    },
    'exclude-leaks': {
      type: 'boolean',
      description: 'leave out the train copy of images that are also in val or test',
    },
    layout: {
      type: 'string',
      value: 'classes|splits',
      description: 'what the folders at the top are, where their names leave it open',
    },
    unlabelled: {
      type: 'boolean',
      description:
        'take every image without a label; folders of splits give the splits, other folders and columns say nothing',
    },
    'dry-run': { type: 'boolean', description: 'scan and report only' },
    yes: { type: 'boolean', description: 'commit without asking' },
  },
  examples: [
    'efficienttrain import photos/ --name birds --exclude-leaks',
    'efficienttrain import labels.csv --val-split 0.1 --yes',
    'efficienttrain import photos/ --unlabelled --yes',
    'efficienttrain import folds.csv --split-column fold --val-value 0 --encoding cp1252',
  ],
  run: async ({ positionals, values, home, interactive, signal, log, progress }) => {
    const [source] = positionals;
    if (source === undefined || positionals.length > 1)
      throw new AppError({
        code: 'usage',
        what: 'import takes one SOURCE.',
        why: `${positionals.length} were given.`,
        next: 'Run `efficienttrain import --help`.',
      });
    const name = textOption(values, 'name');
    refuseEmpty('SOURCE', source);
    refuseEmpty('--name', name);
    refuseOtherOptions(source, values);
    refuseLabels(values);
    const unlabelled = values['unlabelled'] === true;
    const layout = choiceOption(values, 'layout', ['auto', 'classes', 'splits'], 'auto');
    const began = performance.now();
    const review = await reviewImport({
      ...{
        source,
        home,
        signal,
        valSplit: optionalNumber(values, 'val-split', 0, 1) ?? null,
        seed: numberOption(values, 'seed', 0, 0, 4294967295),
      },
      ...(name === undefined ? {} : { name }),
      read: {
        ...(layout === 'auto' ? {} : { layout }),
        ...(unlabelled ? { unlabelled } : {}),
        table: tableOptions(values),
      },
      exclude: { problems: values['exclude-problems'] === true, leaks: values['exclude-leaks'] === true },
      onProgress: (state) => progress(progressLine(state, began)),
    });
    const { dataset, problems } = review;
    const result = (): { dataset: unknown; problems: Problem[] } => ({
      dataset: {
        id: dataset.id,
        name: dataset.name,
        classes: dataset.classes,
        counts: dataset.record.counts,
        root: dataset.root,
        excluded: dataset.record.excluded,
      },
      problems,
    });
    const text = reviewText(dataset, problems);
    if (values['dry-run'] === true) {
      review.discard();
      return { json: result(), text: `${text}\n\nNothing was committed (--dry-run).` };
    }
    const asks = interactive && values['yes'] !== true;
    try {
      if (asks) log(text);
      if (asks && !(await confirmed('\nCommit this dataset? [y/N] ', signal))) {
        review.discard();
        return { json: null, text: 'Nothing was committed.' };
      }
    } catch (error) {
      review.discard();
      throw error;
    }
    const store = openStore(databasePath(home));
    review.commit(store);
    return {
      json: result(),
      text: `${asks ? '' : `${text}\n\n`}Committed as ${dataset.name} (${dataset.id}). Next: efficienttrain ${unlabelled ? `train --task mae --dataset ${dataset.name} --model mae_vit_base_patch16` : `train --dataset ${dataset.name} --model resnet18`}`,
    };
  },
};
