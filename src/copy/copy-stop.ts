// Everything that ends a copy, as one signal whose reason is the error to throw: an interrupt, the loss of the
// snapshot, and whatever the engine itself finds.

import { interruption } from '../model/plan/interruption.ts';
import { snapshotGone } from './copy-failures.ts';
import type { CopyRequest } from './copy-request.ts';

export interface Stop {
  readonly controller: AbortController;
  /** The snapshot is not needed any more. */
  readonly ignoreSnapshot: () => void;
  readonly forget: () => void;
}

export function stopOf({ signal, snapshot, source }: CopyRequest): Stop {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort(interruption(signal, signal.reason));
  const lose = (): void => controller.abort(snapshotGone(source, snapshot.lost.reason));
  if (signal.aborted) interrupt();
  if (snapshot.lost.aborted) lose();
  signal.addEventListener('abort', interrupt);
  snapshot.lost.addEventListener('abort', lose);
  const ignoreSnapshot = (): void => snapshot.lost.removeEventListener('abort', lose);
  return {
    controller,
    ignoreSnapshot,
    forget: () => {
      ignoreSnapshot();
      signal.removeEventListener('abort', interrupt);
    },
  };
}
