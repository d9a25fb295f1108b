// The last line of drift. Pipelines read it: its words do not change, and parts that are zero stay.

import { plural } from '../../model/listing.ts';
import { printable } from '../../model/printable.ts';
import { formatDuration } from '../../model/quantity.ts';
import type { ComparedClass, DriftOutcome, DriftReport } from '../../model/report/drift.ts';

const outcomes: { readonly [O in DriftOutcome]: string } = {
  none: 'No drift.',
  drift: 'Drift.',
  incomplete: 'Incomplete.',
};

/** `Drift. Topology: 2, schema: 0. Ignored: 0. Pending: 1. (2 nodes, 8 objects in 0.3 s)`. */
export const renderDriftSummary = (report: DriftReport): string => {
  const classes = report.classes.map((compared) => classPart(compared, report)).join(', ');
  const objects = new Set(report.classes.flatMap(({ addresses }) => addresses)).size;
  const unread = report.nodes.filter(({ error }) => error !== null).map(({ name }) => name);
  return [
    outcomes[report.outcome],
    `${classes.slice(0, 1).toUpperCase()}${classes.slice(1)}.`,
    `Ignored: ${report.ignored.length}.`,
    `Pending: ${report.pending.length}.`,
    ...(unread.length === 0 ? [] : [`Not read: ${unread.map(printable).join(', ')}.`]),
    `(${plural(report.nodes.length - unread.length, 'node')}, ${plural(objects, 'object')} in ${formatDuration(report.elapsedMs)})`,
  ].join(' ');
};

const classPart = ({ class: name }: ComparedClass, { findings }: DriftReport): string =>
  `${name}: ${findings.filter((finding) => finding.class === name).length}`;
