import { escapeControls, printableLines } from '../../shared/printable';

/**
 * Routes lines: results go to stdout; with --json everything but the one document goes to stderr; a live line appears
 * only on a terminal.
 */
const PLAIN_EVERY_MS = 5000;

export class Output {
  private readonly stream: NodeJS.WriteStream;
  private live = false;
  private lastPlain = 0;

  constructor(private readonly json: boolean) {
    this.stream = json ? process.stderr : process.stdout;
    for (const stream of [process.stdout, process.stderr]) {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        // The reader has closed the pipe (head, less), so nothing reads any more output.
        if (error.code === 'EPIPE') process.exit(0);
        throw error;
      });
    }
  }

  log(line: string): void {
    this.endLine();
    this.stream.write(`${printableLines(line)}\n`);
  }

  /** Prints a progress line. @param shorter is shown where the terminal has no room for the line */
  progress(text: string, shorter = text): void {
    const [line, short] = [escapeControls(text), escapeControls(shorter)];
    if (this.stream.isTTY) {
      const width = this.stream.columns || 120;
      const shown = line.length < width ? line : short;
      this.stream.write(`\r\u001b[2K${shown.length < width ? shown : `${shown.slice(0, width - 2)}…`}`);
      this.live = true;
      return;
    }
    const now = performance.now();
    if (this.lastPlain && now - this.lastPlain < PLAIN_EVERY_MS) return;
    this.lastPlain = now;
    this.stream.write(`${line}\n`);
  }

  result(json: unknown, text: string): void {
    this.endLine();
    if (this.json) process.stdout.write(`${printableLines(JSON.stringify(json, null, 2))}\n`);
    else if (text) process.stdout.write(`${printableLines(text)}\n`);
  }

  error(text: string): void {
    this.endLine();
    process.stderr.write(`${printableLines(text)}\n`);
  }

  private endLine(): void {
    if (this.live) this.stream.write('\r\u001b[2K');
    this.live = false;
  }
}
