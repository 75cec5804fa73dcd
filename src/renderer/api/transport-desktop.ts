import type { CallName, Reply } from '../../shared/contract';
import type { StudioBridge } from '../../preload';
import type { Transport } from './transport';

export const desktopTransport = (bridge: StudioBridge): Transport => ({
  call: (name, args) => bridge.call(name, args) as Promise<Reply<CallName>>,
  onTopic: (listener) => bridge.on(listener),
  onState: (listener) => listener(true, null),
});
