// What the planner has to know of each kind of step, in one table. A kind that is not in it does not compile.

import type { PlanFile } from '../plan/plan-document.generated.ts';
import type { TableUse } from '../state/foreign-code.ts';
import type { StepKind } from './step.ts';

export interface StepTraits {
  /** Replication slots that it adds to its node, each with a walsender; -1: it frees one. */
  readonly slots: -1 | 0 | 1;
  /** Apply workers that it adds to its node. */
  readonly workers: -1 | 0 | 1;
  /** Replication origins that it adds to its node: a subscription has its own for as long as it is there. */
  readonly origins: -1 | 0 | 1;
  /** After it the node may receive what it could not hold before, or send more; null: neither. */
  readonly flow: 'receives' | 'sends' | null;
  /** It drops what other nodes may read. */
  readonly drops: boolean;
  /** What it does to rows, which may run code that belongs to the table. */
  readonly uses: readonly TableUse[];
  /** It creates, alters or drops objects, which fires event triggers. */
  readonly ddl: boolean;
  /** It changes nothing, and only continues when something has happened. */
  readonly waits: boolean;
  /** What subscribers read is made, altered or dropped: it concerns whoever reads it, on any node. */
  readonly readByOthers: boolean;
  /** It writes to steep_repl and to nothing else, and takes nothing away. */
  readonly records: boolean;
  /** What PostgreSQL asks of the role that applies. */
  readonly rights: readonly StepRight[];
}

/**
 * What a step of the kind may need; planner/rights/ says of what, and whether the role has it. Every step needs to write
 * to steep_repl.
 */
export type StepRight =
  /** CREATE on the database. */
  | 'create'
  /** To own the tables that it publishes; a superuser for TABLES IN SCHEMA. */
  | 'publish'
  /** To own the publication or the subscription that is there. */
  | 'own-publication'
  | 'own-subscription'
  /** The attribute REPLICATION. */
  | 'replication'
  /** To create subscriptions. */
  | 'subscribe'
  /** SET ROLE to the owners of the tables that the workers of the subscription write to. */
  | 'receive'
  /** To own the tables that it fills or empties, and to do it without their triggers. */
  | 'fill'
  /** To read all rows of tables. */
  | 'read'
  /** To read the sequences of tables on their source, and to set them. */
  | 'sequences'
  /** To lock tables against writers. */
  | 'lock'
  /** To own the table that it alters. */
  | 'alter'
  /** The functions of replication origins. */
  | 'read-origins'
  | 'set-origins'
  /** What makes the rows of both nodes of a pair the same. */
  | 'merge';

/** It changes one thing in place. */
const plain = {
  slots: 0,
  workers: 0,
  origins: 0,
  flow: null,
  drops: false,
  uses: [],
  ddl: true,
  waits: false,
  readByOthers: false,
  records: false,
  rights: [],
} as const satisfies StepTraits;
/** No DDL. */
const calls = { ...plain, ddl: false } as const;
const waits = { ...calls, waits: true } as const;
const ofPublication = { ...plain, readByOthers: true } as const;
const records = { ...calls, records: true } as const;
const ofSubscription = { ...plain, rights: ['own-subscription'] } as const;

/** A row of another kind does not compile: schemas/plan.schema.json does not have it, or was not generated from again. */
type KindInSchema = PlanFile['steps'][number]['kind'];

/** Among steps that may run now, the kind that is named first here comes first: plans read alike. */
const traits = {
  'install-metadata': { ...records, ddl: true },
  'forget-former-nodes': calls,
  'register-node': records,
  'record-ownership': records,
  'rename-publication': { ...plain, rights: ['create', 'own-publication', 'publish', 'lock'] },
  'rename-subscription': { ...ofSubscription, rights: ['create', 'own-subscription'] },
  'set-replica-identity': { ...plain, rights: ['publish'] },
  'change-schema': { ...plain, uses: ['alter'], rights: ['create', 'alter'] },
  'create-publication': { ...ofPublication, rights: ['create', 'own-publication', 'publish'] },
  'replace-publication': {
    ...ofPublication,
    flow: 'sends',
    drops: true,
    rights: ['create', 'own-publication', 'publish', 'lock'],
  },
  'alter-publication': {
    ...ofPublication,
    flow: 'sends',
    rights: ['own-publication', 'publish', 'lock'],
  },
  'drop-subscription': { ...ofSubscription, workers: -1, origins: -1 },
  'drop-slot': { ...calls, slots: -1, drops: true, rights: ['replication'] },
  'try-subscription': { ...plain, rights: ['subscribe'] },
  'undo-copy': { ...plain, uses: ['fill', 'scan', 'empty'], rights: ['fill'] },
  'create-slot': { ...calls, slots: 1, rights: ['replication'] },
  'verify-empty': { ...waits, rights: ['replication', 'read'] },
  'alter-subscription': ofSubscription,
  'wait-for-slot': waits,
  'advance-slot': { ...calls, rights: ['replication', 'own-subscription', 'read-origins'] },
  'set-publications': { ...ofSubscription, flow: 'receives' },
  'disable-subscription': { ...ofSubscription, workers: -1 },
  'wait-for-stop': waits,
  'set-slot': ofSubscription,
  'set-subscription-option': ofSubscription,
  'advance-origin': { ...calls, rights: ['set-origins'] },
  'move-slot': { ...calls, rights: ['replication'] },
  'create-origin': { ...calls, origins: 1, rights: ['set-origins'] },
  'drop-origin': { ...calls, origins: -1, rights: ['set-origins'] },
  'move-origin': { ...calls, rights: ['set-origins'] },
  'enable-subscription': { ...ofSubscription, workers: 1, flow: 'receives' },
  'truncate-tables': { ...calls, uses: ['empty'], rights: ['fill'] },
  'copy-tables': {
    ...plain,
    flow: 'receives',
    uses: ['fill', 'scan'],
    rights: ['fill', 'read', 'sequences'],
  },
  'load-snapshot': {
    ...plain,
    flow: 'receives',
    uses: ['fill', 'scan', 'empty'],
    rights: ['fill'],
  },
  'settle-copy': { ...plain, uses: ['fill', 'scan', 'empty'], rights: ['fill'] },
  'create-subscription': {
    ...plain,
    workers: 1,
    origins: 1,
    flow: 'receives',
    rights: ['subscribe', 'own-subscription', 'receive'],
  },
  'merge-pair': { ...calls, rights: ['merge'] },
  'refresh-while-empty': { ...ofSubscription, workers: -1, rights: ['own-subscription', 'lock'] },
  'refresh-subscription': {
    ...ofSubscription,
    flow: 'receives',
    rights: ['own-subscription', 'receive'],
  },
  'drop-publication': { ...ofPublication, drops: true, rights: ['own-publication'] },
  'wait-for-copy': { ...waits, rights: ['sequences'] },
  'advance-sequences': { ...calls, rights: ['sequences'] },
  'unregister-node': calls,
  'drop-metadata': plain,
} as const satisfies Partial<Record<KindInSchema, StepTraits>>;

export const stepTraits: { readonly [K in StepKind]: StepTraits } = traits;

/** The kinds that fill, empty, read or rewrite rows: what their `uses` says, as a type. */
export type RowUsingKind = {
  readonly [K in keyof typeof traits]: (typeof traits)[K]['uses'] extends readonly [] ? never : K;
}[keyof typeof traits];

const ranks = new Map(Object.keys(stepTraits).map((kind, rank) => [kind, rank]));

/** Its place among the kinds. */
export const rankOf = (kind: StepKind): number => ranks.get(kind) ?? Number.NaN;
