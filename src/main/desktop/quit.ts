/** Ends the program while it trains: the user is asked in the window, or natively where that can't answer. */
import { app, dialog, powerMonitor } from 'electron';
import type { Core } from '../services/core/core';
import { endingOf, letTrainersGo, runsAtStake, type Ending } from '../services/core/quit';
import type { Strings } from './strings';
import type { StudioWindow } from './window';

/** A trainer that needs longer to save does so without this process. */
const MOST_MS = 120_000;

export class Quitting {
  private decided = false;
  private saving = false;

  constructor(
    private readonly core: Core,
    private readonly window: StudioWindow,
    private readonly strings: () => Strings,
  ) {
    app.on('before-quit', (event) => {
      if (!this.mayQuit()) event.preventDefault();
    });
    // A machine that shuts down is not delayed: trainers save by themselves when this process ends.
    powerMonitor.on('shutdown', () => {
      this.decided = true;
    });
  }

  /** Says whether the window may be closed now. On macOS the program continues without it. */
  mayClose(): boolean {
    if (this.decided || process.platform === 'darwin') return true;
    // This must not run inside the closing that is being refused.
    setImmediate(() => app.quit());
    return false;
  }

  /** Quits. @param how to end the runs that this program trains */
  async quit(how: Ending): Promise<void> {
    if (this.saving) return;
    this.saving = true;
    try {
      await letTrainersGo(this.core.context, how, MOST_MS);
    } finally {
      this.decided = true;
      app.quit();
    }
  }

  private mayQuit(): boolean {
    const { context } = this.core;
    // The user asks again while runs save: they finish saving without this process.
    if (this.decided || this.saving) {
      this.decided = true;
      return true;
    }
    const how = endingOf(context);
    if (how) void this.quit(how);
    else this.ask(runsAtStake(context));
    return false;
  }

  private ask(runs: number): void {
    if (this.window.answers) {
      this.window.show();
      this.window.send('quit', { runs });
    } else void this.askNatively(runs);
  }

  private async askNatively(runs: number): Promise<void> {
    const { quitTitle, quitText, quitStay, quitBackground, quitCheckpoint } = this.strings();
    const { response } = await dialog.showMessageBox({
      ...{ type: 'question', message: quitTitle(runs), detail: quitText, defaultId: 2, cancelId: 0 },
      buttons: [quitStay, quitBackground, quitCheckpoint],
    });
    if (response > 0) await this.quit(response === 1 ? 'background' : 'checkpoint');
  }
}
