// Names of tables as a set, to ask for one of thousands.

import { formatName, type QualifiedName } from '../../model/identifier.ts';

/** A question: is this name one of them? */
export const oneOf = (names: readonly QualifiedName[]): ((name: QualifiedName) => boolean) => {
  const known = new Set(names.map(formatName));
  return (name) => known.has(formatName(name));
};
