// sequences.json of a snapshot, as text and as values. Its hash is in the manifest, which anyone who can write to the folder
// may have changed with it: so its shape is looked at as well.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { type SequencePosition, sequencesFile } from '../../model/snapshot/snapshot.ts';

export const renderSequences = (sequences: readonly SequencePosition[]): string =>
  `${JSON.stringify(sequences, null, 1)}\n`;

/**
 * @param location of the snapshot, for messages
 * @throws SteepError SNAPSHOT_DAMAGED for what no steep wrote.
 */
export const parseSequences = (text: string, location: string): readonly SequencePosition[] => {
  const found = parsed(text);
  if (Array.isArray(found) && found.every(isPosition)) return found;
  throw new SteepError(
    'SNAPSHOT_DAMAGED',
    `${location}/${sequencesFile} is no list of sequences: it was changed, and the manifest with it.`,
    {
      exit: ExitCode.refused,
      suggestions: ['Find out who can write to that location, and generate the snapshot again.'],
    },
  );
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** A value is one of a bigint sequence. */
const isPosition = (item: unknown): item is SequencePosition => {
  if (typeof item !== 'object' || item === null) return false;
  const { schema, name, feeds, value, called } = item as Partial<Record<string, unknown>>;
  return (
    [schema, name, feeds].every((text) => typeof text === 'string') &&
    typeof value === 'string' &&
    /^-?\d{1,19}$/.test(value) &&
    typeof called === 'boolean'
  );
};
