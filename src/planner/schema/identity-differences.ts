// How the replica identities of two definitions differ. The publisher sends its identity with UPDATE and DELETE; the
// subscriber finds the row by its own, or by its key, and needs every column of that.

import { identityText } from '../../model/schema/definition-text.ts';
import type { SchemaDifference } from '../../model/schema/schema-difference.ts';
import type { TableDefinition } from '../../model/schema/table-definition.ts';

/** None, or one. */
export const identityDifferences = (
  local: TableDefinition,
  remote: TableDefinition,
): readonly SchemaDifference[] => {
  const [here, there] = [local, remote].map(textOf);
  if (here === undefined || there === undefined || here === there) return [];
  const texts = { local: here, remote: there };
  return [{ part: 'replica identity', name: null, ...texts, ...judge(local, remote) }];
};

/** With the key that FULL and NOTHING leave unsaid. */
const textOf = ({ identity }: TableDefinition): string => {
  const text = identityText(identity);
  if (identity.mode === 'default' || identity.mode === 'index') return text;
  return identity.columns === null ? text : `${text}, key (${identity.columns.join(', ')})`;
};

const judge = (
  local: TableDefinition,
  remote: TableDefinition,
): Pick<SchemaDifference, 'effect' | 'why'> => {
  const sent = sentWithUpdates(local);
  const wanted = remote.identity.columns;
  if (sent === null) {
    return { effect: 'harmless', why: 'The publisher can send no UPDATE or DELETE anyway.' };
  }
  if (wanted === null) {
    return local.identity.mode === 'full'
      ? { effect: 'slow', why: 'Each UPDATE and DELETE searches the whole table.' }
      : { effect: 'stops', why: 'The first UPDATE or DELETE stops apply: no key finds the row.' };
  }
  return wanted.every((column) => sent.includes(column))
    ? { effect: 'harmless', why: 'What is sent with UPDATE and DELETE finds the row.' }
    : {
        effect: 'stops',
        why: 'The first UPDATE or DELETE stops apply: a column of the key is not sent.',
      };
};

/** Null: nothing is, and such a table cannot publish UPDATE or DELETE. */
const sentWithUpdates = ({ identity, columns }: TableDefinition): readonly string[] | null => {
  const plain = columns.filter(({ generated }) => generated === null).map(({ name }) => name);
  if (identity.mode === 'full') return plain;
  if (identity.mode === 'nothing' || identity.columns === null) return null;
  return identity.columns.filter((name) => plain.includes(name));
};
