/** Tells the system about the training: progress in the taskbar, no sleep meanwhile, a notification at its end. */
import { Notification, powerSaveBlocker } from 'electron';
import type { Settings } from '../../shared/contract/app';
import type { Core } from '../services/core/core';
import { liveProgress } from '../store/live-progress';
import { messageOf, progressOf, type EndedRun } from './run-news';
import type { Strings } from './strings';
import type { StudioWindow } from './window';

export class Activity {
  private blocker: number | null = null;
  /** Shown notifications: one that is garbage-collected loses its click. */
  private readonly shown = new Set<Notification>();

  constructor(
    private readonly core: Core,
    private readonly window: StudioWindow,
    private readonly options: { settings: () => Settings; strings: () => Strings },
  ) {}

  /** Is called when the database has changed. */
  look(): void {
    const live = liveProgress(this.core.context.store);
    this.window.progress(progressOf(live));
    this.keepAwake(live.length > 0);
  }

  ended(run: EndedRun): void {
    if (this.options.settings().notify) this.notify(run);
  }

  close(): void {
    this.keepAwake(false);
  }

  private keepAwake(training: boolean): void {
    if (training) this.blocker ??= powerSaveBlocker.start('prevent-app-suspension');
    else if (this.blocker !== null) {
      powerSaveBlocker.stop(this.blocker);
      this.blocker = null;
    }
  }

  private notify(run: EndedRun): void {
    const message = messageOf(run, this.options.strings());
    if (!message || !Notification.isSupported()) return;
    const notification = new Notification(message);
    this.shown.add(notification);
    notification.on('click', () => {
      this.window.show();
      this.window.send('show', { run: run.id });
    });
    notification.on('close', () => this.shown.delete(notification));
    notification.show();
  }
}
