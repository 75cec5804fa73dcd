import type { CallName, Reply } from '../../shared/contract';

/** Carries calls and topics; knows nothing of what they mean. */
export interface Transport {
  call(name: string, args: unknown): Promise<Reply<CallName>>;
  onTopic(listener: (topic: string, data: unknown) => void): void;
  /** Whether the program can be reached now. */
  onState(listener: (connected: boolean, why: string | null) => void): void;
}
