// The rows of the view Operations that are of the queue: what waits, runs, or has failed lately.

import type { QueueLook } from '../../../model/queue/operation.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import type { WatchedNode } from '../../../model/watch/watched-node.ts';
import { type Role, span } from '../screen-line.ts';
import type { Row } from '../table-lines.ts';

const stateOf = ({
  status,
  hasWorker,
  cancelRequested,
}: QueueLook): readonly [text: string, role: Role] => {
  if (status === 'failed') return ['FAILED', 'bad'];
  if (status !== 'running') return [status, 'plain'];
  if (cancelRequested) return ['cancel requested', 'caution'];
  return hasWorker ? ['running', 'plain'] : ['NO WORKER', 'bad'];
};

const detailOf = (node: string, work: QueueLook): Row['detail'] => [
  [
    `Queued by ${work.queuedBy}, attempt ${work.attempts} of ${work.maxAttempts}${work.worker === null ? '' : `, ${work.worker}`}`,
    'plain',
  ],
  ...(work.errorCode === null
    ? []
    : [[`${work.errorCode}: ${work.errorText ?? ''}`, 'bad'] as const]),
  [steepCommand`steep ops status ${String(work.id)} --node ${node}`, 'dim'],
];

/** How far a running one is, the row of its copy or snapshot says. */
export const queueRows = ({ name, look }: WatchedNode): readonly Row[] =>
  (look?.queue ?? []).map((work) => {
    const [state, role] = stateOf(work);
    return {
      key: `queue ${name} ${work.id}`,
      node: name,
      edge: null,
      cells: [
        span(`queued ${work.operation}`, 'bold'),
        span(`${name} ${work.id}`),
        span(state, role),
        span('-'),
        span('-'),
        span('-'),
        span('-'),
        span('-'),
      ],
      detail: detailOf(name, work),
    };
  });
