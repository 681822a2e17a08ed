import type { MessagePort, Worker } from 'node:worker_threads';
import type { Transport } from '../shared/rpc';

/** Messages through a worker or its parent port. */
export function portTransport(port: MessagePort | Worker): Transport {
  return {
    post: (message, transfer = []) => port.postMessage(message, transfer),
    listen(receive) {
      port.on('message', receive);
      return () => void port.off('message', receive);
    },
  };
}
