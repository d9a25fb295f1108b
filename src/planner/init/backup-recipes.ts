// The commands with which a user brings the rows of a subscription: for this source, this slot, these tables. Pure; a
// password is never in them.

import type { BackupRecipe } from '../../model/copy/prepared-report.ts';
import {
  formatName,
  type QualifiedName,
  quoteIdentifier,
  quoteText,
} from '../../model/identifier.ts';
import { shellWord } from '../../model/shell-word.ts';
import type { PublishedTable } from '../../model/state/resource.ts';
import type { DesiredSubscription } from '../../model/state/state.ts';
import type { TableIndex } from '../complete/published-tables.ts';
import { withPartitions } from '../complete/sent-tables.ts';

export interface RecipeInput {
  readonly edge: DesiredSubscription;
  /** How each end is reached, as a shell word. */
  readonly from: string;
  readonly to: string;
  /** Null: it is not held. */
  readonly snapshot: string | null;
  readonly tables: readonly PublishedTable[];
  readonly index: TableIndex;
  readonly database: string;
  /** Subscriptions anywhere in the cluster of the source: a copy would run them too. */
  readonly subscriptions: number;
  readonly createSubscriber: boolean;
}

/** A pattern of pg_dump: quoted, so that it means this name only. */
const pattern = ({ schema, name }: QualifiedName): string =>
  shellWord(`${quoted(schema)}.${quoted(name)}`);

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const isWhole = ({ columns, where }: PublishedTable): boolean => columns === null && where === null;

/** pg_dump takes whole tables only: the rows that are sent of the others are copied by psql. */
const partialCopies = (input: RecipeInput, snapshot: string): readonly string[] =>
  input.tables
    .filter((sent) => !isWhole(sent))
    .map(({ table, columns, where }) => {
      const list = columns === null ? '*' : columns.map(quoteIdentifier).join(', ');
      const filter = where === null ? '' : ` WHERE ${where}`;
      const name = formatName(table);
      const read = shellWord(`\\copy (SELECT ${list} FROM ${name}${filter}) TO STDOUT`);
      const into = columns === null ? name : `${name} (${list})`;
      const write = shellWord(`\\copy ${into} FROM STDIN`);
      const begin = `-c "BEGIN ISOLATION LEVEL REPEATABLE READ" -c ${shellWord(`SET TRANSACTION SNAPSHOT ${quoteText(snapshot)}`)}`;
      return `psql -qX ${input.from} ${begin} -c ${read} | psql -qX ${input.to} -c ${write}`;
    });

const most = 20;

const selection = ({ tables, index }: RecipeInput): readonly string[] => {
  const names = tables.filter(isWhole).flatMap((sent) => withPartitions(sent, index));
  if (names.length <= most) return names.map((name) => `--table=${pattern(name)}`);
  return [...new Set(names.map(({ schema }) => schema))].map(
    (schema) => `--schema=${shellWord(quoted(schema))}`,
  );
};

const dump = (input: RecipeInput, snapshot: string): BackupRecipe => {
  const directory = `${input.edge.name}.dump`;
  const chosen = selection(input);
  const options = `--snapshot=${shellWord(snapshot)} --format=directory --jobs=4 --no-publications --no-subscriptions`;
  return {
    tool: 'pg_dump',
    title:
      'pg_dump, at the snapshot: start it while this command runs (--data-only where the tables are there)',
    commands: [
      ...(chosen.length === 0
        ? []
        : [
            `pg_dump --dbname=${input.from} ${options} ${chosen.join(' ')} --file=${shellWord(directory)}`,
            `pg_restore --dbname=${input.to} --jobs=4 ${shellWord(directory)}`,
          ]),
      ...partialCopies(input, snapshot),
    ],
  };
};

const basebackup = ({ from, subscriptions }: RecipeInput): BackupRecipe => {
  const configure = [
    `restore_command = 'false'`,
    `recovery_target_action = 'promote'`,
    ...(subscriptions > 0 ? ['max_logical_replication_workers = 0'] : []),
  ];
  return {
    tool: 'pg_basebackup',
    title:
      'pg_basebackup, or any physical backup that reaches past the slot: promoted to a timeline of its own',
    commands: [
      `pg_basebackup --dbname=${from} --pgdata=DIRECTORY --wal-method=stream --checkpoint=fast --progress`,
      ...configure.map((line) => `echo "${line}" >> DIRECTORY/postgresql.auto.conf`),
      'touch DIRECTORY/recovery.signal',
      'pg_ctl --pgdata=DIRECTORY --wait start',
      ...(subscriptions > 0
        ? [
            `# The copy holds ${subscriptions} ${subscriptions === 1 ? 'subscription' : 'subscriptions'} of the source, which must not run twice: on the copy, disable each, SET (slot_name = NONE), and drop it;`,
            '# then: ALTER SYSTEM RESET max_logical_replication_workers, and restart.',
          ]
        : []),
    ],
  };
};

/** It makes slot, publication and subscription of its own, and leaves steep to take them over. */
const createSubscriber = ({ edge, from, to, database }: RecipeInput): BackupRecipe => {
  const publication = `${edge.name}_all`;
  const name = quoteIdentifier(edge.name);
  return {
    tool: 'pg_createsubscriber',
    title:
      'pg_createsubscriber, on a stopped standby: instead of this slot, since it makes its own; without init complete',
    commands: [
      `psql -qX ${from} -c ${shellWord(`SELECT pg_catalog.pg_drop_replication_slot(${quoteText(edge.slot)})`)}`,
      `pg_createsubscriber --pgdata=DIRECTORY --publisher-server=${from} --database=${shellWord(database)} --publication=${shellWord(publication)} --subscription=${shellWord(edge.name)} --replication-slot=${shellWord(edge.slot)}`,
      'pg_ctl --pgdata=DIRECTORY --wait start',
      `psql -qX ${to} -c ${shellWord(`ALTER SUBSCRIPTION ${name} SET PUBLICATION ${edge.publications.map(quoteIdentifier).join(', ')}`)}`,
      `psql -qX ${from} -c ${shellWord(`DROP PUBLICATION ${quoteIdentifier(publication)}`)}`,
      'steep apply',
    ],
  };
};

export const backupRecipes = (input: RecipeInput): readonly BackupRecipe[] => [
  ...(input.snapshot === null ? [] : [dump(input, input.snapshot)]),
  basebackup(input),
  ...(input.createSubscriber ? [createSubscriber(input)] : []),
];
