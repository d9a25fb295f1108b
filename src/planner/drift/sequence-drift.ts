// Sequences of the tables that an edge sends, against what is on record of them: altered, or set back. That they advance is no
// drift.

import { compareText, formatName, type QualifiedName } from '../../model/identifier.ts';
import { listNames } from '../../model/listing.ts';
import type { ChangeDetail } from '../../model/plan/plan.ts';
import type { DriftFinding } from '../../model/report/drift.ts';
import type { SequenceState } from '../../model/schema/sequence-state.ts';
import { addressOf, type NodeName } from '../../model/state/address.ts';
import { steepCommand } from '../../model/steep-command.ts';
import type { SchemaReading } from './schema-reading.ts';

const options = ['increment', 'minimum', 'maximum', 'cycle'] as const;

/** One that cycles is set back by itself. */
const isBack = (was: SequenceState, now: SequenceState): boolean => {
  if (!was.readable || !now.readable || was.last === null || was.cycle) return false;
  if (now.last === null) return true;
  const step = BigInt(now.last) - BigInt(was.last);
  return BigInt(was.increment) > 0n ? step < 0n : step > 0n;
};

const changesOf = (was: SequenceState, now: SequenceState): readonly ChangeDetail[] => [
  ...options.flatMap((option) => {
    const [before, after] = [String(was[option]), String(now[option])];
    return before === after ? [] : [{ field: `${option} of sequence ${now.name}`, before, after }];
  }),
  ...(isBack(was, now)
    ? [
        {
          field: `last number of sequence ${now.name}`,
          before: was.last ?? 'none',
          after: now.last ?? 'none',
        },
      ]
    : []),
];

/** Of one table of a source. */
export const changedSequences = (
  node: NodeName,
  name: QualifiedName,
  { sequences, records }: SchemaReading,
): readonly DriftFinding[] => {
  const table = formatName(name);
  const before = sequences.recorded.get(table) ?? [];
  const found = sequences.found.get(table) ?? [];
  const changed = found.flatMap((now) => {
    const was = before.find((it) => it.name === now.name);
    const details = was === undefined ? [] : changesOf(was, now);
    return details.length === 0 ? [] : [{ name: now.name, details }];
  });
  if (changed.length === 0) return [];
  const since = records?.get(table)?.capturedAt ?? '';
  return [
    {
      class: 'schema',
      code: 'SEQUENCE_CHANGED',
      node,
      address: addressOf(node, 'table', table),
      summary: `${listNames(changed.map((it) => it.name))} of table ${table} ${changed.length === 1 ? 'was' : 'were'} altered or set back after ${since}: numbers may come twice, and no subscriber gets the change.`,
      applied: null,
      details: changed
        .flatMap(({ details }) => details)
        .toSorted((a, b) => compareText(a.field, b.field)),
      cure: [
        `To keep it: ${steepCommand`steep schema capture --node ${node} --tables ${table}`}`,
        'To put it back: ALTER SEQUENCE, or setval(), there.',
      ],
    },
  ];
};
