import type { CallName, Reply } from '../../shared/contract';

/** Transports calls and topics without knowing their meaning. */
export interface Transport {
  call(name: string, args: unknown): Promise<Reply<CallName>>;
  onTopic(listener: (topic: string, data: unknown) => void): void;
  /** Reports whether the program can be reached now. */
  onState(listener: (connected: boolean, why: string | null) => void): void;
}
