// Which code of roles that are not trusted the steps of a plan would run: on the tables that they fill, empty and alter,
// and on those of the source that they read.

import { compareText, formatName, type QualifiedName } from '../model/identifier.ts';
import type { NodeName } from '../model/state/address.ts';
import type { ConsentedCode, ForeignCode, TableUse } from '../model/state/foreign-code.ts';
import { runsWith } from '../model/state/foreign-code.ts';
import type { ResourceOf } from '../model/state/resource.ts';
import { type RowUsingKind, stepTraits } from '../model/step/step-traits.ts';
import { sentColumns, sentTables } from './complete/sent-tables.ts';
import { isKind, type PlanContext, tableOf, want } from './context/context.ts';
import type { StepDraft } from './draft.ts';

/** Code, and the node on which it would run. */
export interface NodeCode extends ForeignCode {
  readonly node: NodeName;
}

type WritingStep = Extract<StepDraft, { kind: RowUsingKind }>;

const isWriting = (step: StepDraft): step is WritingStep => stepTraits[step.kind].uses.length > 0;

const tablesOf = (step: WritingStep): readonly QualifiedName[] => {
  if (step.kind === 'change-schema') return step.usesRowsOf ?? [];
  return step.kind === 'settle-copy' ? [...step.finished, ...step.unfinished] : step.tables;
};

/** The subscription whose tables a step fills or empties; null: it does neither, or nothing follows the rows yet. */
export const filledSubscription = (step: StepDraft): string | null => {
  if (!isWriting(step) || step.kind === 'change-schema') return null;
  return step.kind === 'load-snapshot' ? (step.subscription?.name ?? null) : step.subscription;
};

/** By formatName: the columns that get a value from the publications of a subscription. */
const columnsSent = (
  sub: ResourceOf<'subscription'> | undefined,
  context: PlanContext,
): ReadonlyMap<string, ReadonlySet<string>> => {
  const source = sub?.spec.source ?? '';
  const specs = [...context.want.values()]
    .filter(isKind('publication'))
    .filter(({ node, name }) => node === source && sub?.spec.publications.includes(name) === true)
    .map(({ spec }) => spec);
  return new Map(
    sentTables(specs, context.tables.get(source) ?? new Map()).flatMap((sent) => {
      const table = tableOf(context, source, sent.table);
      const columns = table === undefined ? [] : sentColumns(sent, table);
      return table === undefined ? [] : [[formatName(sent.table), new Set(columns)] as const];
    }),
  );
};

const codeOn = (
  node: NodeName,
  tables: readonly QualifiedName[],
  uses: readonly TableUse[],
  { live }: PlanContext,
): readonly NodeCode[] => {
  const code = live.nodes[node]?.foreignCode ?? [];
  if (code.length === 0) return [];
  const names = new Set(tables.map(formatName));
  return code
    .filter(({ table, use }) => names.has(table) && uses.includes(use))
    .map((it) => ({ ...it, node }));
};

/** What replication, or a copy, of a subscription runs where its rows are stored. */
export const codeOfRows = (
  sub: ResourceOf<'subscription'>,
  tables: readonly QualifiedName[],
  context: PlanContext,
): readonly NodeCode[] => {
  const code = codeOn(sub.node, tables, ['fill'], context);
  if (code.length === 0) return [];
  const columns = columnsSent(sub, context);
  return code.filter((it) => runsWith(it, columns.get(it.table) ?? null));
};

/** What a step would run, on either end; none of a step that touches no rows. */
export const codeOfStep = (step: StepDraft, context: PlanContext): readonly NodeCode[] => {
  if (!isWriting(step)) return [];
  const tables = tablesOf(step);
  const here = codeOn(step.node, tables, stepTraits[step.kind].uses, context);
  const there = step.kind === 'copy-tables' ? codeOn(step.source, tables, ['scan'], context) : [];
  if (here.length === 0) return there;
  const name = filledSubscription(step);
  const sub = name === null ? undefined : want(context, 'subscription', step.node, name);
  const columns = columnsSent(sub, context);
  return [...here.filter((it) => runsWith(it, columns.get(it.table) ?? null)), ...there];
};

const keyOf = ({ node, table, function: called, owner }: ConsentedCode): string =>
  JSON.stringify([node, table, called, owner]);

/** A step says what it runs: anyone who agrees to the plan agrees to this, and to nothing that is attached later. */
export const withForeignCode = (step: StepDraft, context: PlanContext): StepDraft => {
  const code = codeOfStep(step, context);
  if (code.length === 0) return step;
  const consented = code.map(
    ({ node, table, function: called, owner }): ConsentedCode => ({
      node,
      table,
      function: called,
      owner,
    }),
  );
  const distinct = new Map(consented.map((it) => [keyOf(it), it]));
  const foreignCode = [...distinct.entries()]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([, it]) => it);
  return { ...step, foreignCode } as StepDraft;
};
