/** Handles the window's own troubles natively, because the page can't ask. */
import { app, dialog } from 'electron';
import type { Strings } from './strings';
import type { StudioWindow, WindowHooks } from './window';

export function troubles(window: () => StudioWindow, strings: () => Strings): Pick<WindowHooks, 'crashed' | 'hung'> {
  let asking = false;

  async function ask(
    message: string,
    detail: string,
    buttons: string[],
    answered: (index: number) => void,
  ): Promise<void> {
    if (asking) return;
    asking = true;
    try {
      answered(
        (await dialog.showMessageBox({ type: 'warning', message, detail, buttons, defaultId: 0, cancelId: 0 }))
          .response,
      );
    } finally {
      asking = false;
    }
  }

  return {
    crashed(reason, often) {
      console.error(`The window's process ended: ${reason}`);
      const { crashedTitle, crashedText, crashedReload, crashedQuit } = strings();
      if (often)
        void ask(crashedTitle, crashedText(reason), [crashedReload, crashedQuit], (index) =>
          index === 0 ? window().reload() : app.quit(),
        );
    },
    hung() {
      const { hungTitle, hungText, hungWait, hungReload } = strings();
      void ask(hungTitle, hungText, [hungWait, hungReload], (index) => {
        if (index === 1) window().reload();
      });
    },
  };
}
