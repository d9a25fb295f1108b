// What the planner has to know of each kind of step, in one table. A kind that is not in it does not compile.

import type { TableUse } from '../state/foreign-code.ts';
import type { StepKind } from './step.ts';

export interface StepTraits {
  /** Replication slots that it adds to its node, each with a walsender; -1: it frees one. */
  readonly slots: -1 | 0 | 1;
  /** Apply workers that it adds to its node, each with an origin. */
  readonly workers: -1 | 0 | 1;
  /** After it the node may receive what it could not hold before, or send more; null: neither. */
  readonly flow: 'receives' | 'sends' | null;
  /** It drops what other nodes may read. */
  readonly drops: boolean;
  /** What it does to rows, which may run code that belongs to the table. */
  readonly uses: readonly TableUse[];
  /** It writes to steep_repl and to nothing else, and takes nothing away. */
  readonly records: boolean;
  /** What PostgreSQL asks of the role, in addition to owning what it changes. */
  readonly rights: readonly StepRight[];
}

/** CREATE on the database; the attribute REPLICATION; to create subscriptions; to set positions of origins. */
export type StepRight = 'create' | 'replication' | 'subscribe' | 'origins';

/** It changes one thing in place. */
const plain: StepTraits = {
  slots: 0,
  workers: 0,
  flow: null,
  drops: false,
  uses: [],
  records: false,
  rights: [],
};
const records: StepTraits = { ...plain, records: true };

/** Among steps that may run now, the kind that is named first here comes first: plans read alike. */
export const stepTraits: { readonly [K in StepKind]: StepTraits } = {
  'install-metadata': { ...records, rights: ['create'] },
  'forget-former-nodes': plain,
  'register-node': records,
  'record-ownership': records,
  'rename-publication': { ...plain, rights: ['create'] },
  'rename-subscription': { ...plain, rights: ['create'] },
  'set-replica-identity': plain,
  'change-schema': { ...plain, uses: ['alter'] },
  'create-publication': { ...plain, rights: ['create'] },
  'replace-publication': { ...plain, flow: 'sends', drops: true, rights: ['create'] },
  'alter-publication': { ...plain, flow: 'sends' },
  'drop-subscription': { ...plain, workers: -1 },
  'drop-slot': { ...plain, slots: -1, drops: true, rights: ['replication'] },
  'try-subscription': plain,
  'undo-copy': { ...plain, uses: ['fill', 'scan', 'empty'] },
  'create-slot': { ...plain, slots: 1, rights: ['replication'] },
  'verify-empty': { ...plain, rights: ['replication'] },
  'alter-subscription': plain,
  'wait-for-slot': plain,
  'advance-slot': { ...plain, rights: ['replication'] },
  'set-publications': { ...plain, flow: 'receives' },
  'disable-subscription': { ...plain, workers: -1 },
  'wait-for-stop': plain,
  'set-slot': plain,
  'set-subscription-option': plain,
  'advance-origin': { ...plain, rights: ['origins'] },
  'enable-subscription': { ...plain, workers: 1, flow: 'receives' },
  'truncate-tables': { ...plain, uses: ['empty'] },
  'copy-tables': { ...plain, flow: 'receives', uses: ['fill', 'scan'] },
  'load-snapshot': { ...plain, flow: 'receives', uses: ['fill', 'scan', 'empty'] },
  'settle-copy': { ...plain, uses: ['fill', 'scan', 'empty'] },
  'create-subscription': {
    ...plain,
    workers: 1,
    flow: 'receives',
    rights: ['create', 'subscribe'],
  },
  'refresh-while-empty': { ...plain, workers: -1 },
  'refresh-subscription': { ...plain, flow: 'receives' },
  'drop-publication': { ...plain, drops: true },
  'wait-for-copy': plain,
  'unregister-node': plain,
  'drop-metadata': plain,
};

const ranks = new Map(Object.keys(stepTraits).map((kind, rank) => [kind, rank]));

/** Its place among the kinds. */
export const rankOf = (kind: StepKind): number => ranks.get(kind) ?? Number.NaN;
