// Tables that hold rows and are emptied so that they can be copied again: what is lost, and what forbids it.

import { formatName, type QualifiedName, quoteIdentifier } from '../../../model/identifier.ts';
import { listNames, plural } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { formatCount } from '../../../model/quantity.ts';
import type { NodeName } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import { effectiveTables } from '../../complete/published-tables.ts';
import { have, isKind, type PlanContext, tableOf, want } from '../../context/context.ts';
import type { Reinit } from '../../context/reinit-stage.ts';
import { alterationOf } from '../../facts/alteration.ts';
import { emptyReferring } from '../../facts/emptied-together.ts';
import { copiedPair } from '../../facts/pairs/copied-pair.ts';
import { lostByOthers, wholeAgain } from '../../facts/records/lost-changes.ts';
import { methodOf } from '../../init/methods/index.ts';
import { fingerprint } from '../../plan/plan-id.ts';
import { hazard } from '../hazard.ts';
import { referenced } from './referencing-tables.ts';
import { filledByOthers } from './shared-tables.ts';

type Subscription = ResourceOf<'subscription'>;

const withCounts = (
  node: NodeName,
  tables: readonly QualifiedName[],
  context: PlanContext,
): string =>
  listNames(
    tables.map((name) => {
      const rows = tableOf(context, node, name)?.estimatedRows ?? null;
      return `${formatName(name)}: ${formatCount(rows)} rows`;
    }),
  );

/** A pair copies from its first node to its second: what the first one lacks comes by a repair. */
const copiedByHand = (sub: Subscription, context: PlanContext): string => {
  const pair = copiedPair(sub, context);
  if (pair === null)
    return 'Remove the tables from that publication first, and apply; then copy them again here. Afterwards empty them on the subscribers of that publication (TRUNCATE), add them back, and apply: its subscribers then copy them again too.';
  const [first, second] = [pair.back.node, pair.forth.node];
  const repair =
    sub.node === first
      ? `Bring the rows that node ${first} lacks: steep repair. Then remove`
      : 'Remove';
  return `${repair} the tables from pair ${pair.name} in steep.yaml, and apply. Save rows that only node ${second} has, and empty the tables there (TRUNCATE). Add them to the pair again, and apply: they are copied from node ${first}.`;
};

/** What is emptied here would be emptied there, and what is copied here would be inserted there once more. */
const sentOn = (
  sub: Subscription,
  tables: readonly QualifiedName[],
  context: PlanContext,
): readonly FoundHazard[] => {
  const resources = [...context.have.values()].filter(({ node }) => node === sub.node);
  if (!resources.some(isKind('slot'))) return [];
  const emptied = new Set(
    [...tables, ...emptyReferring(sub.node, tables, context)].map(formatName),
  );
  const index = context.tables.get(sub.node) ?? new Map();
  const sending = resources
    .filter(isKind('publication'))
    .filter(({ spec }) =>
      effectiveTables([spec], index).some(({ table }) => emptied.has(formatName(table))),
    );
  if (sending.length === 0) return [];
  return [
    hazard(
      'block',
      'TARGET_SENT_ON',
      sub.address,
      `Node ${sub.node} publishes these tables itself (${listNames(sending.map(({ name }) => name))}), and another node may subscribe to them: TRUNCATE, and every row that is copied again, would be replicated there; in a pair, back to the source.`,
      copiedByHand(sub, context),
    ),
  ];
};

/** Rows of another subscription, which its publisher does not send a second time. */
const ofOthers = (
  sub: Subscription,
  tables: readonly QualifiedName[],
  context: PlanContext,
): readonly FoundHazard[] => {
  const { names, others } = filledByOthers(sub, tables, context);
  if (names.length === 0) return [];
  return [
    hazard(
      'block',
      'COPY_INTO_NONEMPTY',
      sub.address,
      `Subscription ${listNames(others)} fills ${listNames(names)} on node ${sub.node} too: emptying the table would delete these rows as well, and no publisher sends them again.`,
      `Delete the rows of ${sub.name} by hand, by a condition that matches only them, and copy them by hand. Or remove all subscriptions that fill the table (removed, --prune), empty it, and declare them again with init: { method: snapshot, copy: native }.`,
    ),
  ];
};

const alsoNamed = (
  { node }: Subscription,
  tables: readonly QualifiedName[],
  context: PlanContext,
): string => {
  const empty = emptyReferring(node, tables, context);
  return empty.length === 0
    ? ''
    : ` The statement names ${listNames(empty.map(formatName))} too, empty ${empty.length === 1 ? 'table' : 'tables'} with foreign keys to them; where one holds a row when it runs, nothing is emptied.`;
};

/** Of tables that a plan empties: the loss, and what blocks it. */
export const emptyingHazards = (
  sub: Subscription,
  tables: readonly QualifiedName[],
  context: PlanContext,
): readonly FoundHazard[] => [
  hazard(
    'danger',
    'TARGET_TRUNCATE',
    sub.address,
    `TRUNCATE empties ${plural(tables.length, 'table')} on node ${sub.node} (${withCounts(sub.node, tables, context)}): these rows are deleted, and queries there see no rows until the copy is done.${alsoNamed(sub, tables, context)}`,
    `Save rows that exist only on node ${sub.node}; the publisher must have all rows that matter.`,
  ),
  ...obstacles(sub, tables, context),
];

/** What forbids to empty tables. */
export const obstacles = (
  sub: Subscription,
  tables: readonly QualifiedName[],
  context: PlanContext,
): readonly FoundHazard[] => [
  ...referenced(sub, tables, context),
  ...sentOn(sub, tables, context),
  ...ofOthers(sub, tables, context),
];

const blocked = (sub: Subscription, why: string, cure: string): FoundHazard =>
  hazard(
    'block',
    'REINIT_BLOCKED',
    sub.address,
    `Tables of ${sub.name} cannot be copied again now: ${why}.`,
    cure,
  );

/** A publication that is changed by the same plan would be copied as it will be, and read as it was. */
const publicationsChange = (
  { sub: { spec }, stage }: Pick<Reinit, 'sub' | 'stage'>,
  context: PlanContext,
): boolean =>
  spec.publications.some((name) => {
    const source = spec.source ?? '';
    const there = have(context, 'publication', source, name);
    const wanted = want(context, 'publication', source, name);
    if (fingerprint(there?.spec) === fingerprint(wanted?.spec)) return false;
    return stage === 'asked' || there === undefined || wanted === undefined
      ? true
      : !wasApplied(wanted, context);
  });

/** Others have changed what the copies were made of: what steep applied is put back before anything is read again. */
const wasApplied = (
  { node, address, spec: wanted }: ResourceOf<'publication'>,
  { live }: PlanContext,
): boolean => {
  const row = live.nodes[node]?.applied.find((it) => it.address === address);
  if (row?.kind !== 'publication' || row.spec === null) return false;
  const keys = Object.keys(wanted) as (keyof typeof wanted)[];
  const { spec } = row;
  return keys.every((key) => fingerprint(spec[key]) === fingerprint(wanted[key]));
};

/** Why tables of it cannot be copied again by the same plan. */
export const changesOtherwise = (
  { sub, stage }: Pick<Reinit, 'sub' | 'stage'>,
  context: PlanContext,
): boolean => {
  // What is read already is in the context as it will be when this is over.
  const live = have(context, 'subscription', sub.node, sub.name);
  if (live === undefined || stage === 'back') return false;
  const alteration = alterationOf(live, sub, context);
  const { online, offline, newPublications, newSlot, newConnection } = alteration;
  return (
    !live.owned ||
    newPublications ||
    newSlot ||
    newConnection ||
    live.spec.enabled !== sub.spec.enabled ||
    Object.keys({ ...online, ...offline }).length > 0 ||
    publicationsChange({ sub, stage }, context) ||
    context.renames.some(({ toAddress }) => toAddress === sub.address)
  );
};

/** Stopped manually in the one moment in which it must run. */
const isStuck = ({ stage, known, live }: Reinit): boolean =>
  stage === 'aside' && known && !live.spec.enabled;

const uncopied = (sub: Subscription, context: PlanContext): readonly FoundHazard[] => {
  if (methodOf(sub, context)?.leavesRows !== true) return [];
  const cure = 'Set init: { method: snapshot } first.';
  return [blocked(sub, 'steep.yaml has init: none, so nothing would copy them', cure)];
};

/** What forbids to initialize whole subscriptions again. */
export const wholeHazards = (context: PlanContext): readonly FoundHazard[] =>
  [...context.want.values()]
    .filter(isKind('subscription'))
    .filter(({ address }) => context.whole.replaced.has(address))
    .flatMap((sub) => uncopied(sub, context));

/** What forbids a re-initialization, in addition to what forbids to empty its tables. */
export const reinitHazards = (reinit: Reinit, context: PlanContext): readonly FoundHazard[] => {
  const { sub, tooMany, live } = reinit;
  const found: FoundHazard[] = [...uncopied(sub, context)];
  const lost = lostByOthers(reinit, context);
  if (lost !== null) {
    const cure = `Copy all of its tables again, with a new slot: ${wholeAgain(reinit)}`;
    found.push(blocked(sub, lost, cure));
  }
  if (changesOtherwise(reinit, context)) {
    const cure =
      reinit.stage === 'asked'
        ? 'Apply without --reinit first, then use --reinit again.'
        : `A run that copies tables again was interrupted: restore the earlier definition of ${sub.name} and of its publications in steep.yaml, and apply; change them afterwards. A publication that another session has dropped must be created by hand on node ${sub.spec.source ?? '?'} as steep.yaml describes it.`;
    found.push(blocked(sub, 'steep.yaml also changes the subscription or its publications', cure));
  }
  if (isStuck(reinit)) {
    const cure = `ALTER SUBSCRIPTION ${quoteIdentifier(live.name)} ENABLE; on node ${sub.node}, and the same command again.`;
    found.push(blocked(sub, 'it was disabled in the meantime', cure));
  }
  if (tooMany.length > 0) {
    const names = listNames(tooMany.map(formatName));
    const cure = 'Apply without them first; then use --reinit for them.';
    found.push(blocked(sub, `other tables are being copied again, but not ${names}`, cure));
  }
  return found;
};

/** The initial copy of the whole subscription is under way: it is not started again. */
export const awaitedHazard = (sub: Subscription): FoundHazard =>
  hazard(
    'notice',
    'REINIT_UNDER_WAY',
    sub.address,
    `The copy of ${sub.name} is running: it continues, and does not start over.`,
    `To start over: ${steepCommand`steep init cancel ${sub.node}`} first.`,
  );
