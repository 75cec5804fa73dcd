/**
 * Processes that inspect files for a scan, one a core. They are processes, not threads, because a file that crashes a
 * decoder must end neither the scan nor its host, and because libtensorflow must not see a GPU here: each reader would
 * take some of its memory.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { engineEnvironment } from '../../backend/environment';
import { READY, toldOf, type Batch, type FromReader, type Told } from './batch';
import type { ProblemKind } from './entries';
import type { Known } from './inspection-cache';

export interface ToInspect {
  id: number;
  path: string;
  /** Facts of an earlier scan. */
  known: Known | null;
}

export interface PoolOptions {
  /** The built reader (src/main/scan-reader.ts). */
  file: string;
  /** Largest number of readers; fewer are started for few files. */
  readers: number;
  root: string;
  /** Ends the readers; `inspectAll` then throws its reason. */
  signal: AbortSignal;
  /** Called with the results of a batch; null: what was known of the file is still valid. */
  onFound: (files: readonly ToInspect[], told: readonly (Told | null)[]) => void;
  /** Called with a file that crashed a reader. */
  onCrash: (file: ToInspect, problem: { kind: ProblemKind; reason: string }) => void;
}

/** Files to inspect. More may still come. */
export interface FileSource {
  /** Number of files so far, including those that were taken. */
  readonly count: number;
  /** Whether no more files will come. */
  readonly isWhole: boolean;
  /** Set by the pool. Call it when files have come, and when no more will. */
  onMore: () => void;
  /** @returns the next file; null where none waits at the moment */
  next: () => ToInspect | null;
}

/** Files that are worth a further reader, which takes a fifth of a second to start. */
const FILES_A_READER = 100;
/** Target duration of a batch, because progress and cancelling wait for one. */
const BATCH_MS = 40;
const MOST_FILES = 256;
/** Number of characters kept of a reader's stderr, for when it can't start. */
const MOST_SAID = 2000;
/** Number of batches at a reader: one at work, and one so that it does not wait for the next. */
const AHEAD = 2;

interface Reader {
  child: ChildProcess;
  /** Batches sent and not yet answered, the one at work first. */
  sent: { id: number; files: ToInspect[] }[];
  /** Time when the one at work began; null until the reader has reported that it is ready. */
  began: number | null;
  /** The end of its stderr. Libraries report damaged files there, which the scan reports itself. */
  said: string;
}

/** Environment of a reader: no GPU and one thread an op, because there is a reader for each core. */
const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  ...engineEnvironment({ intraOpThreads: 1, interOpThreads: 1 }),
  CUDA_VISIBLE_DEVICES: '-1',
});

/**
 * Inspects all files, in any order, from the first that comes until no more will come. @throws Error where a reader
 * fails by itself
 */
export async function inspectAll(files: FileSource, options: PoolOptions): Promise<void> {
  const { signal } = options;
  signal.throwIfAborted();
  const pool = new ReaderPool(files, options);
  const abort = (): void => pool.end(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    await pool.run();
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

class ReaderPool {
  private readonly readers = new Set<Reader>();
  /** Files of readers that ended; each becomes a batch of its own. */
  private readonly again: ToInspect[] = [];
  private batchFiles = 8;
  private nextBatch = 0;
  /** Number of files that were taken from the source. */
  private taken = 0;
  private isStopped = false;
  private settle!: { resolve: () => void; reject: (error: unknown) => void };

  constructor(
    private readonly files: FileSource,
    private readonly options: PoolOptions,
  ) {}

  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      this.files.onMore = () => this.guarded(() => this.more());
      this.more();
    });
  }

  /** Takes note that files have come, or that no more will. */
  private more(): void {
    const wanted = Math.min(this.options.readers, Math.ceil(this.files.count / FILES_A_READER));
    while (this.readers.size < wanted && !this.isStopped) this.start();
    for (const reader of this.readers) this.feed(reader);
    this.endIfDone();
  }

  end(error: unknown): void {
    void this.stop().then(() => this.settle.reject(error));
  }

  /** Ends the readers and waits until they have ended. */
  private async stop(): Promise<void> {
    this.isStopped = true;
    const children = [...this.readers].map(({ child }) => child);
    this.readers.clear();
    await Promise.all(children.map(ended));
  }

  private start(): void {
    const child = fork(this.options.file, [], {
      ...{ execArgv: ['--enable-source-maps'], serialization: 'advanced', env: environment() },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const reader: Reader = { child, sent: [], began: null, said: '' };
    child.stderr?.on('data', (bytes: Buffer) => (reader.said = `${reader.said}${String(bytes)}`.slice(-MOST_SAID)));
    this.readers.add(reader);
    child.on('message', (message) => this.guarded(() => this.received(reader, message as FromReader)));
    child.on('error', (error) => this.end(error));
    child.on('exit', (code, signal) => this.guarded(() => this.ended(reader, signal ?? `exit code ${code}`)));
    this.guarded(() => this.feed(reader));
  }

  /** Runs an event's handler; an error in it fails the scan. */
  private guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.end(error);
    }
  }

  private feed(reader: Reader): void {
    while (reader.sent.length < AHEAD) {
      const files = this.take();
      if (!files.length) break;
      const id = this.nextBatch++;
      const batch: Batch = {
        ...{ id, root: this.options.root },
        paths: files.map(({ path }) => path),
        marks: files.map(({ known }) => known?.mark ?? null),
      };
      reader.sent.push({ id, files });
      reader.child.send(batch, () => undefined);
    }
  }

  private take(): ToInspect[] {
    const alone = this.again.pop();
    if (alone) return [alone];
    const files: ToInspect[] = [];
    while (files.length < this.batchFiles) {
      const next = this.files.next();
      if (!next) break;
      files.push(next);
    }
    this.taken += files.length;
    return files;
  }

  private received(reader: Reader, message: FromReader): void {
    const now = performance.now();
    const began = reader.began ?? now;
    reader.began = now;
    if (message === READY) return;
    if ('error' in message) throw new Error(message.error);
    const batch = reader.sent.shift();
    if (batch?.id !== message.id) throw new Error('a reader of the scan answered without being asked');
    this.pace(now - began, batch.files.length);
    this.feed(reader);
    this.options.onFound(batch.files, toldOf(message));
    this.endIfDone();
  }

  private pace(ms: number, files: number): void {
    if (files < this.batchFiles) return;
    if (ms < BATCH_MS / 2) this.batchFiles = Math.min(2 * this.batchFiles, MOST_FILES);
    else if (ms > 2 * BATCH_MS) this.batchFiles = Math.max(Math.floor(this.batchFiles / 2), 1);
  }

  /**
   * Reads the files of a reader that ended again, each in a batch of its own, so that the one that ends a reader is
   * identified.
   */
  private ended(reader: Reader, how: string): void {
    this.readers.delete(reader);
    const [atWork, ...waiting] = reader.sent;
    if (!atWork && !this.isMore()) return this.endIfDone();
    if (!atWork || reader.began === null)
      throw new Error(`a reader of the scan ended unexpectedly with ${how}: ${reader.said}`);
    const [first] = atWork.files;
    if (first && atWork.files.length === 1)
      this.options.onCrash(first, {
        kind: 'unreadable',
        reason: `Decoding it ended the process that did so (${how}).`,
      });
    else this.again.push(...atWork.files);
    for (const { files } of waiting) this.again.push(...files);
    this.start();
    this.endIfDone();
  }

  private isMore(): boolean {
    return this.again.length > 0 || this.taken < this.files.count || !this.files.isWhole;
  }

  private endIfDone(): void {
    if (this.isStopped || this.isMore() || [...this.readers].some(({ sent }) => sent.length > 0)) return;
    void this.stop().then(() => this.settle.resolve());
  }
}

/** Waits until a reader has ended. It holds nothing that needs cleaning up. */
function ended(child: ChildProcess): Promise<void> {
  child.removeAllListeners();
  child.on('error', () => undefined);
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
