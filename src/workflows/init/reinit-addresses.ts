// What --reinit takes, from tables and schemas as SQL names them.

import { formatName, quoteIdentifier } from '../../model/identifier.ts';
import { addressOf, type NodeName, patternOf } from '../../model/state/address.ts';
import { readWanted, type WantedText } from '../plan/wanted-tables.ts';

/** Tables of one subscription, or of whichever brings them; null: no table is named, it is about all of them. */
export const reinitTables = (
  node: NodeName,
  subscription: string | null,
  wanted: WantedText,
): readonly string[] | null => {
  const { tables, schemas } = readWanted(wanted);
  if (tables === null && schemas === null) return null;
  const of = subscription === null ? '*' : patternOf(quoteIdentifier(subscription));
  return [
    ...(tables ?? []).map((table) => `${of}:${patternOf(formatName(table))}`),
    ...(schemas ?? []).map((schema) => `${of}:${patternOf(quoteIdentifier(schema))}.*`),
  ].map((name) => addressOf(node, 'copy', name));
};
