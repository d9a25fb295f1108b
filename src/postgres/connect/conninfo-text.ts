// Connection strings that a server keeps: whatever libpq reads, several hosts included.

import { Conninfo } from '../../model/connection/conninfo.ts';
import { readConninfo } from '../../model/connection/conninfo-text.ts';

/** A connection string of either form, without what it leaves empty; null: it cannot be read. Never quotes the text. */
export const parseConninfo = (text: string): Conninfo | null => {
  const read = readConninfo(text);
  if (!read.ok) return null;
  return new Conninfo(
    Object.fromEntries(Object.entries(read.keywords).filter(([, value]) => value !== '')),
  );
};
