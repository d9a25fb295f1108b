// The comparison of live with applied, as a report: each class asked for, less what the rules silence.
// No IO, no clock: the day is given.

import { compareText } from '../../model/identifier.ts';
import {
  type ComparedClass,
  type DriftClass,
  type DriftFinding,
  type DriftNode,
  type DriftOutcome,
  type DriftReport,
  driftClasses,
  driftFormatVersion,
} from '../../model/report/drift.ts';
import type { LiveState } from '../../model/state/state.ts';
import type { Unchecked } from '../../model/state/unchecked.ts';
import { dataAddresses, dataDrift, uncheckedRows } from './data-drift.ts';
import { type DriftContext, type DriftInput, driftContext } from './drift-context.ts';
import { sift } from './ignore-rules.ts';
import { adoptedChanges, pendingEdits } from './pending.ts';
import { runtimeAddresses, runtimeDrift } from './runtime-drift.ts';
import { schemaAddresses, schemaDrift } from './schema-drift.ts';
import { uncheckedTables } from './schema-unchecked.ts';
import { topologyDrift } from './topology-drift.ts';
import { uncheckedDrift } from './unchecked.ts';

interface Comparison {
  readonly find: (context: DriftContext) => readonly DriftFinding[];
  readonly addresses: (context: DriftContext) => readonly string[];
  readonly unchecked: (context: DriftContext) => readonly Unchecked[];
}

const comparisons: { readonly [C in DriftClass]: Comparison } = {
  topology: {
    find: topologyDrift,
    addresses: ({ applied }) => applied.map(({ address }) => address),
    unchecked: uncheckedDrift,
  },
  schema: { find: schemaDrift, addresses: schemaAddresses, unchecked: uncheckedTables },
  runtime: { find: runtimeDrift, addresses: runtimeAddresses, unchecked: () => [] },
  data: { find: dataDrift, addresses: dataAddresses, unchecked: uncheckedRows },
};

export const makeDriftReport = (input: DriftInput): DriftReport => {
  const context = driftContext(input);
  const asked = driftClasses.filter((name) => input.classes.includes(name));
  const found = asked.flatMap((name) => inOrder(comparisons[name].find(context)));
  const unreadable = { ...input.live.unreadable, ...input.gone };
  const { findings, ignored, warnings } = sift(found, input.rules, input.today);
  return {
    formatVersion: driftFormatVersion,
    outcome: outcomeOf(findings, unreadable, input),
    readAt: input.live.readAt,
    elapsedMs: input.elapsedMs,
    nodes: input.desired.nodes.map(({ name }) => nodeOf(name, unreadable)),
    classes: asked.map((name) => comparedClass(name, found, context)),
    findings,
    ignored,
    pending: pendingEdits(context),
    adopted: adoptedChanges(context),
    unchecked: asked.flatMap((name) => comparisons[name].unchecked(context)),
    warnings: [...input.notes, ...warnings],
  };
};

const inOrder = (findings: readonly DriftFinding[]): readonly DriftFinding[] =>
  findings.toSorted((a, b) => compareText(a.address, b.address));

type Unreadable = LiveState['unreadable'];

const outcomeOf = (
  findings: readonly DriftFinding[],
  unreadable: Unreadable,
  input: DriftInput,
): DriftOutcome => {
  if (Object.keys(unreadable).length + uncheckedRows(input).length > 0) return 'incomplete';
  return findings.length > 0 ? 'drift' : 'none';
};

const nodeOf = (name: string, unreadable: Unreadable): DriftNode => {
  const failure = unreadable[name];
  return {
    name,
    error: failure === undefined ? null : { code: failure.code, message: failure.detail },
  };
};

/** With what was found where nothing was applied: a lost row, a slot that was left behind. */
const comparedClass = (
  name: DriftClass,
  found: readonly DriftFinding[],
  context: DriftContext,
): ComparedClass => {
  const addresses = [
    ...comparisons[name].addresses(context),
    ...found.filter((finding) => finding.class === name).map(({ address }) => address),
  ];
  return { class: name, addresses: [...new Set(addresses)].toSorted(compareText) };
};
