// Large tables that are to come by pg_dump: whether there is one that can read them, and which it cannot.

import { formatName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { formatSize } from '../../../model/quantity.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { type PlanContext, serverOf } from '../../context/context.ts';
import { type LargeTable, tablesToDump } from '../../facts/large-tables.ts';
import { hazard } from '../hazard.ts';

type Copy = ResourceOf<'copy'>;
type Subscription = ResourceOf<'subscription'>;

const named = (tables: readonly LargeTable[]): string =>
  listNames(tables.map(({ table, bytes }) => `${formatName(table)}, ${formatSize(bytes)}`));

const otherWay = 'Or copy large tables like all others: init: { large_table_method: copy }.';

/** Of what this machine has, which is where the rows pass through. */
const toolHazards = (
  tables: readonly LargeTable[],
  sub: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const source = sub.spec.source ?? '?';
  const { version } = serverOf(context, source);
  const tool = context.live.dumpTool;
  if (tool === undefined || tool.version === null) {
    return [
      hazard(
        'block',
        'PG_DUMP_MISSING',
        sub.address,
        `${sub.name} copies large tables with pg_dump (${named(tables)}), and ${tool?.program ?? 'pg_dump'} cannot be run on this machine.`,
        `Install the client programs of PostgreSQL ${version} or newer on this machine, or name the program: STEEP_PG_DUMP=/path/to/pg_dump. ${otherWay}`,
      ),
    ];
  }
  if (tool.serves.includes(source)) return [];
  return [
    hazard(
      'block',
      'PG_DUMP_TOO_OLD',
      sub.address,
      `${sub.name} copies large tables with pg_dump (${named(tables)}), and ${tool.program} is of ${tool.version}: it refuses node ${source}, which runs ${version}.`,
      `Install the client programs of PostgreSQL ${version} or newer on this machine, or name a newer program: STEEP_PG_DUMP=/path/to/pg_dump. ${otherWay}`,
    ),
  ];
};

/** What the initial copy of a subscription does with its large tables. */
export const dumpHazards = (
  copies: readonly Copy[],
  sub: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const large = tablesToDump(
    sub,
    copies.map(({ spec }) => spec.table),
    context,
  );
  const dumped = large.filter(({ notDumped }) => notDumped === null);
  const others = large.filter(({ notDumped }) => notDumped !== null);
  const reasons = others.map(({ table, notDumped }) => `${formatName(table)}: ${notDumped ?? ''}`);
  return [
    ...(dumped.length === 0 ? [] : toolHazards(dumped, sub, context)),
    ...(others.length === 0
      ? []
      : [
          hazard(
            'notice',
            'PG_DUMP_NOT_USED',
            sub.address,
            `These large tables of ${sub.name} are copied without pg_dump, like all others: ${listNames(reasons)}.`,
            'Nothing needs to be done: they are copied in chunks.',
          ),
        ]),
  ];
};
