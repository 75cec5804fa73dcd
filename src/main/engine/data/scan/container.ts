/** Recognises files that hold a whole data set, by their names, and says how to make them readable. */

const KINDS: [RegExp, string][] = [
  [/\.(zip|tar|tgz|tbz2|txz|7z|rar|gz|bz2|xz|zst)$/i, 'It is an archive. Unpack it, and import the folder.'],
  [/\.(xlsx?|ods|numbers)$/i, 'It is a spreadsheet. Save it as CSV in UTF-8, and import that.'],
  [
    /\.(jsonl?|ndjson|xml|ya?ml|arff)$/i,
    'It is no table. Labels in it have to be saved as CSV, with a path and a label a row.',
  ],
  [
    /(\.(tfrecords?|parquet|arrow|feather|h5|hdf5|npz|npy|mat|lmdb|mdb|rec|pkl|pickle|beton)|-ubyte|(^|\/)(data|test)_batch(_\d+)?(\.bin)?)$/i,
    'It holds many images in one file, which isn’t read. Write each image to a file of its own.',
  ],
];

/** Returns null where the name is not that of such a file. */
export const containerReason = (path: string): string | null => KINDS.find(([sign]) => sign.test(path))?.[1] ?? null;
