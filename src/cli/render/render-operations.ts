// Operations of the queue as text.

import { printable } from '../../model/printable.ts';
import { formatDuration } from '../../model/quantity.ts';
import type { OperationReport, WorkProgress } from '../../model/queue/operation.ts';
import { steepCommand } from '../../model/steep-command.ts';
import { alignColumns } from './layout.ts';

const header = ['id', 'operation', 'status', 'attempts', 'queued', 'by', 'worker', ''];

const statusOf = ({ status, hasWorker, cancelRequested }: OperationReport): string => {
  if (status !== 'running') return status;
  if (cancelRequested) return 'running, cancel requested';
  return hasWorker ? 'running' : 'running, waits for a worker';
};

const row = (it: OperationReport): readonly string[] => [
  String(it.id),
  it.operation,
  statusOf(it),
  `${it.attempts}/${it.maxAttempts}`,
  it.queuedAt,
  it.queuedBy,
  it.worker ?? '',
  it.error === null ? '' : it.error.code,
];

/** A table with a line for each. */
export const renderOperations = (operations: readonly OperationReport[], node: string): string =>
  operations.length === 0
    ? `The queue of node ${printable(node)} is empty.`
    : alignColumns([header, ...operations.map((it) => row(it).map(printable))]).join('\n');

/** `feed: copying 31%, ETA 5m40s` */
const progressText = ({ of, phase, percent, etaSeconds }: WorkProgress): string =>
  [
    `${of}: ${phase}${percent === null ? '' : ` ${Math.floor(percent)}%`}`,
    ...(etaSeconds === null ? [] : [`ETA ${formatDuration(etaSeconds * 1000)}`]),
  ].join(', ');

/** All that is known of one. */
export const renderOperation = (it: OperationReport): string => {
  const lines: readonly (readonly [string, string])[] = [
    ['operation', `${it.id}: ${it.operation} of ${it.node}`],
    ['status', statusOf(it)],
    ['parameters', JSON.stringify(it.params)],
    ['queued', `${it.queuedAt} by ${it.queuedBy}`],
    ['attempts', `${it.attempts} of ${it.maxAttempts}`],
    ...(it.status === 'pending' ? [['not before', it.runAfter] as const] : []),
    ...(it.worker === null ? [] : [['worker', it.worker] as const]),
    ...(it.startedAt === null ? [] : [['started', it.startedAt] as const]),
    ...it.progress.map((progress) => ['progress', progressText(progress)] as const),
    ...(it.endedAt === null ? [] : [['ended', it.endedAt] as const]),
    ...(it.error === null ? [] : [['error', `${it.error.code}: ${it.error.message}`] as const]),
    ...(it.error?.cures ?? []).map((cure) => ['to do', cure] as const),
  ];
  return alignColumns(lines.map((line) => line.map(printable))).join('\n');
};

interface Line {
  readonly at: string;
  readonly event: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

export const renderOperationLog = (lines: readonly Line[]): string =>
  lines.length === 0
    ? 'The audit log has nothing of this operation yet.'
    : alignColumns(
        lines.map(({ at, event, subject, detail }) =>
          [at, event, subject, detail === null ? '' : JSON.stringify(detail)].map(printable),
        ),
      ).join('\n');

/** An operation was added to the queue of a node. */
export const renderQueued = ({
  id,
  node,
}: {
  readonly id: number;
  readonly node: string;
}): string =>
  `Operation ${id} is in the queue of node ${node}. To wait for it: ${steepCommand`steep ops wait ${id} --node ${node}`}`;
