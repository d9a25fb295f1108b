// Rights to the sequences that number columns of tables.

import { formatName, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import type { FindTable } from './object-rights.ts';
import { sequenceOwnership, tableOwnership } from './ownership.ts';
import { type RequiredRight, type RoleOnNode, requiredRight } from './required-right.ts';

/** A copy by PostgreSQL does without it; then the sequences stay behind. `needed`: it does not end without it. */
export const sequenceRights = (
  place: RoleOnNode,
  names: readonly QualifiedName[],
  find: FindTable,
  { use, needed }: { readonly use: 'read' | 'set'; readonly needed: boolean },
): readonly RequiredRight[] =>
  names.flatMap((it) =>
    (find(it)?.sequences ?? []).map((sequence) => {
      const named = formatName(sequence.name);
      const [held, right] =
        use === 'read' ? [sequence.readable, 'SELECT'] : [sequence.settable, 'SELECT, UPDATE'];
      return requiredRight(place, {
        kind: use === 'read' ? 'read-sequences' : 'set-sequences',
        object: named,
        purpose: `${use === 'read' ? 'reading' : 'setting'} sequence ${named}`,
        held,
        needed,
        sql: [`GRANT ${right} ON SEQUENCE ${named} TO ${quoteIdentifier(place.role)};`],
      });
    }),
  );

/** Only its owner changes by how much a sequence grows. */
export const ownSequences = (
  place: RoleOnNode,
  names: readonly QualifiedName[],
  find: FindTable,
): readonly RequiredRight[] =>
  names.flatMap((it) => {
    const table = find(it);
    return (table?.sequences ?? []).map((sequence) => {
      const { sql, instead } =
        table !== undefined && sequence.ofColumn
          ? tableOwnership([{ ...table, table: table.name }], place.role)
          : sequenceOwnership(sequence, place.role);
      const named = formatName(sequence.name);
      const purpose = `changing sequence ${named}`;
      const { owned: held } = sequence;
      return requiredRight(place, {
        kind: 'own-sequences',
        object: named,
        purpose,
        held,
        sql,
        instead,
      });
    });
  });
