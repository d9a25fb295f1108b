// Definition of a sequence → the statements that make it. Pure.

import type { SequenceDefinition } from '../../model/schema/sequence-definition.ts';
import { ddl, ident, qualified, type Sql, verbatim } from '../../postgres/sql/sql.ts';

/** Before the tables that take numbers from it. */
export const createSequence = (sequence: SequenceDefinition): Sql =>
  ddl`CREATE SEQUENCE ${qualified(sequence.name)} AS ${verbatim(sequence.type)} ${sequenceOptions(sequence)}`;

/** As CREATE SEQUENCE and identity columns take them. */
export const sequenceOptions = (sequence: SequenceDefinition): Sql => {
  const { start, increment, minimum, maximum, cache, cycle } = sequence;
  return ddl`START WITH ${verbatim(start)} INCREMENT BY ${verbatim(increment)} MINVALUE ${verbatim(minimum)} MAXVALUE ${verbatim(maximum)} CACHE ${verbatim(cache)}${cycle ? ddl` CYCLE` : ddl``}`;
};

/** After the table that it goes with. Nothing where it belongs to none. */
export const setOwner = ({ name, owner }: SequenceDefinition): readonly Sql[] =>
  owner === null
    ? []
    : [
        ddl`ALTER SEQUENCE ${qualified(name)} OWNED BY ${qualified(owner.table)}.${ident(owner.column)}`,
      ];
