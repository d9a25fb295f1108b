// The view Log: the audit logs of all nodes, the newest first.

import type { LogEntry } from '../../../model/watch/watch-event.ts';
import type { WatchState } from '../../../model/watch/watch-state.ts';
import { span } from '../screen-line.ts';
import type { Row, View } from '../table-lines.ts';

const columns = [
  { title: 'time', optional: 0 },
  { title: 'node', optional: 2 },
  { title: 'event', optional: 0 },
  { title: 'subject', optional: 1 },
  { title: 'from -> to', optional: 0 },
  { title: 'by', optional: 3 },
];

const rowOf = (entry: LogEntry): Row => ({
  key: `${entry.node} ${entry.id}`,
  node: entry.node,
  edge: null,
  cells: [
    span(entry.at.slice(11, 19)),
    span(entry.node),
    span(entry.event, /fail|diverge/.test(entry.event + entry.toState) ? 'bad' : 'plain'),
    span(entry.subject),
    span(entry.toState === null ? '-' : `${entry.fromState ?? 'none'} -> ${entry.toState}`),
    span(entry.actor, 'dim'),
  ],
  detail: [[`${entry.at} ${entry.subject}`, 'dim']],
});

/** Of a node, or of a subscription on it (its key); null: all. */
export const logView = ({ log }: WatchState, node: string | null, edge: string | null): View => {
  const subscription = edge?.slice(edge.indexOf('/') + 1);
  return {
    columns,
    rows: log
      .filter((entry) => node === null || entry.node === node)
      .filter(({ subject }) => subscription === undefined || subject.includes(subscription))
      .toSorted((a, b) => (a.at < b.at ? 1 : -1))
      .map(rowOf),
    none: 'The audit log has no line.',
  };
};
