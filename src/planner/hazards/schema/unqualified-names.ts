// Functions of a subscriber's tables that fail with the empty search_path of its workers.

import { formatName, quoteIdentifier } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { PublishedTable, ResourceOf } from '../../../model/state/resource.ts';
import type { UnqualifiedFunction } from '../../../model/state/table-traps.ts';
import type { TableIndex } from '../../complete/published-tables.ts';
import { withPartitions } from '../../complete/sent-tables.ts';
import { hazard } from '../hazard.ts';

const described = ({ name, unqualified }: UnqualifiedFunction): string =>
  `${name} (which names ${listNames(unqualified)})`;

const cure = ({ name, schema }: UnqualifiedFunction): string =>
  `ALTER FUNCTION ${name} SET search_path = ${quoteIdentifier(schema)}, pg_temp;`;

/** Of the tables that a subscription fills; `own`: the tables of its node. */
export const unqualifiedNameHazards = (
  { node, name, address }: ResourceOf<'subscription'>,
  tables: readonly PublishedTable[],
  own: TableIndex,
): readonly FoundHazard[] => {
  const using = tables
    .flatMap((sent) => withPartitions(sent, own))
    .flatMap((table) => {
      const functions = own.get(formatName(table))?.traps?.unqualifiedNames ?? [];
      return functions.length === 0 ? [] : [{ table, functions }];
    });
  if (using.length === 0) return [];
  const functions = new Map(using.flatMap((it) => it.functions.map((f) => [f.name, f] as const)));
  return [
    hazard(
      'danger',
      'SEARCH_PATH_NEEDED',
      address,
      `On node ${node} indexes, checks, generated columns or triggers of ${listNames(using.map(({ table }) => formatName(table)))} call ${listNames([...functions.values()].map(described))} without a schema: the workers of subscription ${name} run with an empty search_path and do not find ${functions.size === 1 ? 'it' : 'them'}. The first row that needs it stops apply.`,
      `Give the function a search_path of its own, on node ${node}: ${[...functions.values()].map(cure).join(' ')} Or write the names with their schemas.`,
    ),
  ];
};
