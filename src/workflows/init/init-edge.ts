// The edge that a manual initialization is about, as the command line names it, and what its source sends.

import { readPublicationMarks } from '../../catalog/objects/read-publication-marks.ts';
import type { TablePart } from '../../compare/read-evidence.ts';
import type { PublishedNow } from '../../model/copy/manual-init.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { shellWord } from '../../model/shell-word.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { PublishedTable } from '../../model/state/resource.ts';
import type { DesiredState, DesiredSubscription, NodeState } from '../../model/state/state.ts';
import type { TableIndex } from '../../planner/complete/published-tables.ts';
import { sentColumns, sentTables } from '../../planner/complete/sent-tables.ts';
import { isKind } from '../../planner/context/context.ts';
import { leavesLargeTables } from '../../planner/facts/large-tables.ts';
import { initMethods } from '../../planner/init/methods/index.ts';
import type { Session } from '../../postgres/session.ts';

export interface EdgeRequest {
  readonly node: NodeName;
  readonly source: NodeName;
  /** Null: there is only one. */
  readonly subscription: string | null;
  /** Null: the one of the file. */
  readonly slot: string | null;
}

const usage = (message: string, ...suggestions: readonly string[]): SteepError =>
  new SteepError('INIT_NO_EDGE', message, { exit: ExitCode.usage, suggestions });

const assertNode = (name: NodeName, { nodes }: DesiredState): void => {
  if (nodes.some((node) => node.name === name)) return;
  throw usage(
    `steep.yaml has no node ${name}.`,
    `Its nodes: ${nodes.map((node) => node.name).join(', ')}`,
  );
};

/** The file, for those who bring rows manually: tables left to a base backup by large_table_method count as manual. */
export const broughtByHand = (desired: DesiredState): DesiredState => ({
  ...desired,
  subscriptions: desired.subscriptions.map((sub) =>
    leavesLargeTables(sub.largeTables) ? { ...sub, init: 'manual' } : sub,
  ),
});

const assertFits = (sub: DesiredSubscription, { slot }: EdgeRequest): void => {
  if (!initMethods[sub.init].awaitsUser) {
    throw new SteepError(
      'INIT_NOT_MANUAL',
      `Subscription ${sub.name} (${sub.origin}) does not have init: manual, so the next apply would fill it.`,
      { exit: ExitCode.refused, suggestions: ['Set it in steep.yaml: init: { method: manual }'] },
    );
  }
  if (slot === null || slot === sub.slot) return;
  throw usage(
    `Subscription ${sub.name} (${sub.origin}) reads slot ${sub.slot}, not ${slot}.`,
    `Set it in steep.yaml: slot: ${slot}`,
  );
};

/** @throws SteepError INIT_NO_EDGE (exit 64), INIT_NOT_MANUAL (exit 3). */
export const findInitEdge = (desired: DesiredState, request: EdgeRequest): DesiredSubscription => {
  const { node, source, subscription } = request;
  assertNode(node, desired);
  assertNode(source, desired);
  const between = desired.subscriptions.filter((sub) => sub.node === node && sub.source === source);
  const found = between.filter(({ name }) => subscription === null || name === subscription);
  const [edge, another] = found;
  if (edge === undefined) {
    const known = between.map(({ name }) => name).join(', ');
    throw usage(
      `steep.yaml has no subscription ${subscription ?? ''}${subscription === null ? '' : ' '}of node ${node} from ${source}.`,
      known === '' ? 'Add it to steep.yaml first.' : `Between them: ${known}`,
    );
  }
  if (another !== undefined) {
    throw usage(
      `Node ${node} has several subscriptions from ${source}.`,
      ...found.map(({ name }) => `--subscription ${shellWord(name)}`),
    );
  }
  assertFits(edge, request);
  return edge;
};

const tableIndex = ({ tables }: NodeState): TableIndex =>
  new Map(tables.map((table) => [formatName(table.name), table]));

/** What is sent to the subscription, as the source is now. */
export const readSentNow = async (
  session: Session,
  state: NodeState,
  { publications }: Pick<DesiredSubscription, 'publications'>,
): Promise<PublishedNow> => {
  const specs = state.resources
    .filter(isKind('publication'))
    .filter(({ name }) => publications.includes(name))
    .map(({ spec }) => spec);
  return {
    publications: await readPublicationMarks(session, publications),
    tables: sentTables(specs, tableIndex(state)),
  };
};

/** What of each published table is compared. */
export const comparedPartsOf = (
  tables: readonly PublishedTable[],
  state: NodeState,
): readonly TablePart[] => {
  const index = tableIndex(state);
  return tables.flatMap((sent) => {
    const table = index.get(formatName(sent.table));
    if (table === undefined) return [];
    return [{ table: sent.table, columns: sentColumns(sent, table), where: sent.where }];
  });
};

export { tableIndex };
