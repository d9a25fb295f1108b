// The options of CREATE and ALTER SUBSCRIPTION as SQL.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { NodeName } from '../../model/state/address.ts';
import { loggingOff } from '../../model/state/statement-logging.ts';
import { ddl, ident, join, literal, type Sql, secret, sql } from '../../postgres/sql/sql.ts';

/** `name = 'value', …`: every option takes a quoted value. */
export const optionList = (options: Readonly<Record<string, string>>): Sql =>
  join(Object.entries(options).map(([name, value]) => ddl`${ident(name)} = ${literal(value)}`));

export interface NewSubscription {
  readonly subscription: string;
  /** Whose connection string it gets. */
  readonly source: NodeName;
  readonly publications: readonly string[];
  readonly slot: string | null;
  readonly enabled: boolean;
  readonly copyData: boolean;
  readonly options: Readonly<Record<string, string>>;
}

/** Turns off, until the end of the transaction, what would keep the text of a statement with a password in it. */
export const turnLoggingOff = (settings: readonly string[] = []): readonly Sql[] =>
  settings.length === 0
    ? []
    : [
        sql`SELECT ${join(settings.map((name) => sql`pg_catalog.set_config(${name}, ${offOf(name)}, true)`))}`,
      ];

const offOf = (setting: string): string => {
  const off = Object.entries(loggingOff).find(([name]) => name === setting)?.[1];
  if (off === undefined) {
    throw new SteepError(
      'PLAN_UNREADABLE',
      `The plan turns off ${setting}, which this version of steep does not know.`,
      {
        exit: ExitCode.invalidFile,
        suggestions: ['Plan again with this version of steep.'],
      },
    );
  }
  return off;
};

const onOff = (value: boolean): Sql => (value ? ddl`true` : ddl`false`);

/** CREATE SUBSCRIPTION, which makes no slot. */
export const createSubscriptionSql = (given: NewSubscription): Sql => {
  const settings = [
    ddl`create_slot = false`,
    given.slot === null ? ddl`slot_name = NONE` : ddl`slot_name = ${literal(given.slot)}`,
    ddl`enabled = ${onOff(given.enabled)}`,
    ddl`copy_data = ${onOff(given.copyData)}`,
    ...(Object.keys(given.options).length > 0 ? [optionList(given.options)] : []),
  ];
  return ddl`CREATE SUBSCRIPTION ${ident(given.subscription)} CONNECTION ${secret(given.source)} PUBLICATION ${join(given.publications.map(ident))} WITH (${join(settings)})`;
};

/** SET PUBLICATION without its implicit refresh, which copies data by default. */
export const setPublicationsSql = (subscription: string, publications: readonly string[]): Sql =>
  ddl`ALTER SUBSCRIPTION ${ident(subscription)} SET PUBLICATION ${join(publications.map(ident))} WITH (refresh = false)`;
