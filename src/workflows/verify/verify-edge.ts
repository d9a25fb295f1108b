// Every table of one edge, one after the other; both ends side by side, each with several sessions.

import { readHashVersion } from '../../compare/hash-version.ts';
import { SteepError } from '../../model/errors.ts';
import { compareNames, formatName, type QualifiedName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import {
  type VerifiedEdge,
  type VerifiedTable,
  worstOutcome,
} from '../../model/report/verification.ts';
import { addressOf } from '../../model/state/address.ts';
import type { DesiredSubscription } from '../../model/state/state.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { guardWithoutPlan } from '../plan/code-guard.ts';
import {
  type ComparedEdge,
  type EdgesToCompare,
  type EdgeTable,
  readComparedEdge,
} from './compared-edge.ts';
import { edgeFence, noFence } from './edge-fence.ts';
import type { VerificationOptions } from './verify-options.ts';
import { type VerifyTableWork, verifyTable } from './verify-table.ts';

/** What fails for the whole edge is in its result. */
export const verifyEdge = async (
  subscription: DesiredSubscription,
  world: EdgesToCompare,
  options: VerificationOptions,
): Promise<VerifiedEdge> => {
  const { node, source, name } = subscription;
  const address = addressOf(node, 'subscription', name);
  try {
    const edge = await readComparedEdge(subscription, world);
    await assertSameHashes(edge);
    const { allowHazards } = world.desired.policy;
    const tables = await verifyTables(edge, address, allowHazards, options);
    const outcome = worstOutcome(tables.map((table) => table.outcome));
    return { address, source, node, outcome, tables, error: null };
  } catch (error) {
    if (options.signal.aborted) throw error;
    const { code, message } = toFailure(error, { node, doing: `comparing the rows of ${address}` });
    return { address, source, node, outcome: 'unread', tables: [], error: { code, message } };
  }
};

/** @throws SteepError COMPARE_HASHES (exit 7) */
export const assertSameHashes = async ({
  publisher,
  subscriber,
}: Pick<ComparedEdge, 'publisher' | 'subscriber'>): Promise<void> => {
  const [a, b] = await Promise.all([readHashVersion(publisher), readHashVersion(subscriber)]);
  if (a === b) return;
  throw new SteepError(
    'COMPARE_HASHES',
    `Nodes ${publisher.node} and ${subscriber.node} compute different hashes of the same row, so their rows cannot be compared.`,
    { exit: ExitCode.incomplete, suggestions: ['Compare their encodings: SHOW server_encoding;'] },
  );
};

/** Two ends of tables. `slot` null: nothing replicates between them, and there is nothing to wait for. */
export type TwoEnds = Pick<ComparedEdge, 'publisher' | 'subscriber' | 'backSlot' | 'tables'> & {
  readonly slot: string | null;
};

/** @param allowHazards of the policy of steep.yaml. */
export const verifyTables = async (
  edge: TwoEnds,
  address: string,
  allowHazards: readonly string[],
  options: VerificationOptions,
): Promise<readonly VerifiedTable[]> => {
  const wanted = wantedOf(edge.tables, options.tables);
  return withSessions(edge, options, async (sessions) => {
    const done: VerifiedTable[] = [];
    for (const table of wanted) {
      options.signal.throwIfAborted();
      const meter = {
        address,
        table: formatName(table.table),
        tablesDone: done.length,
        tablesTotal: wanted.length,
      };
      const onRead = options.reading(meter);
      done.push(
        await verifyTable(table, workOf(edge, sessions, allowHazards, options, address, onRead)),
      );
    }
    return done;
  });
};

const wantedOf = (
  all: readonly EdgeTable[],
  wanted: readonly QualifiedName[] | null,
): readonly EdgeTable[] => {
  const names = wanted === null ? null : new Set(wanted.map(formatName));
  return all
    .filter(({ table }) => names === null || names.has(formatName(table)))
    .toSorted((a, b) => compareNames(a.table, b.table));
};

type Sessions = Pick<VerifyTableWork, 'publisher' | 'subscriber' | 'live'>;

/** An interrupt cancels what runs in any of them. */
const withSessions = async <T>(
  { publisher, subscriber }: TwoEnds,
  { jobs, signal }: VerificationOptions,
  body: (sessions: Sessions) => Promise<T>,
): Promise<T> => {
  const opened: Session[] = [];
  const open = async (session: Session): Promise<Session> => {
    const another = await session.another();
    opened.push(another);
    return another;
  };
  const more = (session: Session) =>
    Promise.all(Array.from({ length: jobs - 1 }, () => open(session)));
  const cancel = (): void => {
    for (const session of [publisher, subscriber, ...opened])
      session.cancel().catch(() => undefined);
  };
  signal.addEventListener('abort', cancel);
  try {
    const live = { publisher: await open(publisher), subscriber: await open(subscriber) };
    return await body({
      publisher: [publisher, ...(await more(publisher))],
      subscriber: [subscriber, ...(await more(subscriber))],
      live,
    });
  } finally {
    signal.removeEventListener('abort', cancel);
    await Promise.all(opened.map((session) => session.close()));
  }
};

const workOf = (
  { slot, backSlot }: TwoEnds,
  sessions: Sessions,
  allowHazards: readonly string[],
  options: VerificationOptions,
  address: string,
  onRead: VerifyTableWork['onRead'],
): VerifyTableWork => ({
  ...sessions,
  ...options,
  onRead,
  onRow: (table, row) => options.onRow(address, table, row),
  fence:
    slot === null
      ? noFence
      : edgeFence(
          { session: sessions.live.publisher, slot },
          backSlot === null ? null : { session: sessions.live.subscriber, slot: backSlot },
          options,
        ),
  guard: guardWithoutPlan(allowHazards, ['Leave the table out: --tables …']),
});
