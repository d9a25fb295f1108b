// Tables that refer, by a foreign key, to one that is emptied: TRUNCATE is refused unless they are emptied with it.

import { formatName, type QualifiedName, quoteIdentifier } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { TableReference } from '../../../model/state/surroundings.ts';
import type { PlanContext } from '../../context/context.ts';
import { emptyReferring, namesWithRoots } from '../../facts/emptied-together.ts';
import { tablesOf } from '../../facts/initial-copy.ts';
import { hazard } from '../hazard.ts';

type Subscription = ResourceOf<'subscription'>;

const referring = (references: readonly TableReference[]): string =>
  listNames([...new Set(references.map(({ table }) => formatName(table)))]);

/** Of tables that no publisher sends: nothing would bring their rows again, so only the foreign key can go. */
const withoutForeignKeys = (
  { node, name }: Subscription,
  references: readonly TableReference[],
): string => {
  const alter = (clause: (constraint: string, definition: string) => string): string => {
    const statements = references.flatMap(({ table, constraints, definitions = [] }) =>
      constraints.map(
        (it, index) =>
          ` ALTER TABLE ${formatName(table)} ${clause(quoteIdentifier(it), definitions[index] ?? '...')};`,
      ),
    );
    // A root and its partitions have the same.
    return [...new Set(statements)].join('');
  };
  const which = `${referring(references)}, which ${name} does not fill`;
  const drops = alter((constraint) => `DROP CONSTRAINT ${constraint}`);
  const adds = alter((constraint, definition) => `ADD CONSTRAINT ${constraint} ${definition}`);
  return `On node ${node}, drop the foreign keys of ${which}:${drops} When the copy is done, add them again:${adds}`;
};

/** Tables that the subscription fills are copied again too; the foreign keys of others have to be dropped for a while. */
const cureOf = (
  sub: Subscription,
  references: readonly TableReference[],
  context: PlanContext,
): string => {
  const filled = namesWithRoots(sub.node, tablesOf(sub, context), context);
  const isFilled = ({ table }: TableReference): boolean => filled.has(formatName(table));
  const own = references.filter(isFilled);
  const others = references.filter((it) => !isFilled(it));
  return [
    ...(own.length === 0 ? [] : [`Copy ${referring(own)} again too.`]),
    ...(others.length === 0 ? [] : [withoutForeignKeys(sub, others)]),
  ].join(' ');
};

/** Empty tables that refer to an emptied one are no reason, nor are those that inherit from it: ONLY it is emptied. */
export const referenced = (
  sub: Subscription,
  tables: readonly QualifiedName[],
  context: PlanContext,
): readonly FoundHazard[] => {
  const emptied = new Set([
    ...namesWithRoots(sub.node, tables, context),
    ...emptyReferring(sub.node, tables, context).map(formatName),
  ]);
  const references = (context.live.nodes[sub.node]?.references ?? []).filter(
    ({ table, to }) => emptied.has(formatName(to)) && !emptied.has(formatName(table)),
  );
  if (references.length === 0) return [];
  const named = references.map(({ table, to }) => `${formatName(table)} to ${formatName(to)}`);
  return [
    hazard(
      'block',
      'TARGET_REFERENCED',
      sub.address,
      `On node ${sub.node} other tables reference, by a foreign key, tables that would be emptied (${listNames(named)}): TRUNCATE would fail. They hold rows, or it is not known whether they do.`,
      cureOf(sub, references, context),
    ),
  ];
};
