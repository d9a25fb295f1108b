// DDL on a subscriber that deletes data. A column that was renamed on the publisher looks like one that was dropped beside a
// new one, and the catalogs do not tell them apart: then both are said.

import { quoteIdentifier } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { SchemaObject, SchemaStatement } from '../../../model/schema/schema-change.ts';
import type { Address, NodeName } from '../../../model/state/address.ts';
import { hazard } from '../hazard.ts';

/** What statements are about: `column note, constraint c`. */
export const partsOf = (statements: readonly SchemaStatement[]): string =>
  listNames([...new Set(statements.map(({ part, object }) => part ?? object.name))], 20);

/** The names of a column before and after. */
interface Renaming {
  readonly from: string;
  readonly to: string;
}

/** Each dropped column with the new ones that have its type. */
const possibleRenamings = (
  losing: readonly SchemaStatement[],
  all: readonly SchemaStatement[],
): readonly Renaming[] =>
  losing.flatMap(({ verb, column: dropped }) =>
    verb !== 'drop' || dropped === undefined
      ? []
      : all.flatMap(({ verb: other, column: added }) =>
          other === 'create' && added?.type === dropped.type
            ? [{ from: dropped.name, to: added.name }]
            : [],
        ),
  );

const readings = (renamings: readonly Renaming[]): string =>
  renamings
    .map(({ from, to }) => `${quoteIdentifier(from)} to ${quoteIdentifier(to)}`)
    .join(', or ');

/** @param all the statements of all steps on the object. @param again the command that copies it again; null: none does. */
export const dataLoss = (
  node: NodeName,
  address: Address,
  { name }: SchemaObject,
  statements: readonly SchemaStatement[],
  all: readonly SchemaStatement[],
  again: string | null,
): readonly FoundHazard[] => {
  const losing = statements.filter(({ losesData }) => losesData);
  if (losing.length === 0) return [];
  const verb = losing.some((it) => it.verb === 'drop') ? 'Drops' : 'Changes the type of';
  const lost = `${verb} ${partsOf(losing)} of ${name} on node ${node}: data that only this node has there is lost.`;
  const cure =
    'Save the data that is needed first, or use schema_sync: manual and alter the table by hand.';
  const renamings = possibleRenamings(losing, all);
  const [first] = renamings;
  if (first === undefined) return [hazard('danger', 'SCHEMA_DATA_LOSS', address, lost, cure)];
  const statement = `ALTER TABLE ${name} RENAME COLUMN ${quoteIdentifier(first.from)} TO ${quoteIdentifier(first.to)};`;
  return [
    hazard(
      'danger',
      'SCHEMA_DATA_LOSS',
      address,
      `${lost} If the publisher renamed ${readings(renamings)}, all replicated values of the column are lost too: a new column of the same type is added, and the rows that are here get none of its values.`,
      `If the column was renamed: let the subscriber apply all changes from before that, run ${statement} on node ${node}, and plan again${again === null ? '' : `; or apply this plan, then copy the table again: ${again}`}. If it was dropped: ${cure.charAt(0).toLowerCase()}${cure.slice(1)}`,
    ),
  ];
};
