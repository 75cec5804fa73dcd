export type UnusableKind = 'truncated' | 'empty' | 'not_an_image' | 'unsupported' | 'too_large' | 'unreadable';

/** Reason why a file can't be trained on. */
export class UnusableImage extends Error {
  constructor(
    readonly kind: UnusableKind,
    reason: string,
  ) {
    super(reason);
  }
}

/**
 * Makes the error for an unsupported variant. @param what a sentence without its end: "It is a JPEG with 12 bits a
 * sample"
 */
export const unsupported = (what: string): UnusableImage =>
  new UnusableImage('unsupported', `${what}: this is not read. Save it as an 8-bit JPEG or PNG to use it.`);

/** Makes the error for a damaged file. @param format as a person writes it @param detail the fault, without its end */
export const damaged = (format: string, detail?: string): UnusableImage =>
  new UnusableImage(
    'truncated',
    `Its ${format} data can't be decoded to the end${detail === undefined ? '; it is cut short or damaged' : `: ${detail}`}.`,
  );
