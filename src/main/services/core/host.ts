/** Functions that a shell (desktop, serve) offers to the calls. */
import type { Args, Topic, TopicData } from '../../../shared/contract';

export interface PickRequest {
  what: 'folder' | 'file' | 'save';
  title: string;
  extensions: string[];
  suggested: string;
}

export interface Host {
  kind: 'desktop' | 'serve';
  /** Opens a native dialog; null where it was cancelled. @throws AppError usage where the host has none */
  pick(request: PickRequest): Promise<string | null>;
  /** Shows a file or folder in the system's file manager. @throws AppError usage where the host can't */
  reveal(path: string): Promise<void>;
  /** Ends the program according to `how`; `ask` leaves it to the settings, and to the user where they say so. */
  quit(how: Args<'app.quit'>['how']): void;
  /** Folders that a host without dialogs lets the user browse; empty on the desktop. */
  allowed: readonly string[];
  /** Sends a topic to every window. */
  emit<T extends Topic>(topic: T, data: TopicData<T>): void;
}
