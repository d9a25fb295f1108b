// What is noted of an edge at the end of an apply: what it is now, but for what shows a gap.

import type { CopiedTableRecord, EdgeGap, EdgeRecord } from '../../../model/edge/edge-record.ts';
import { formatName } from '../../../model/identifier.ts';
import { movedSince } from './moved-positions.ts';

const tablesWith = (
  gaps: readonly EdgeGap[],
  kinds: readonly EdgeGap['kind'][],
): ReadonlySet<string> =>
  new Set(
    gaps.flatMap((it) => ('table' in it && kinds.includes(it.kind) ? [formatName(it.table)] : [])),
  );

/** Also of a subscription that was created again by hand. */
const isOfPosition = ({ kind }: EdgeGap): boolean => kind === 'slot' || kind === 'moved';

/** And the files by which it is seen that rows were written again. */
const columnsOf = ({ columns, files }: CopiedTableRecord): Partial<CopiedTableRecord> => ({
  ...(columns && { columns }),
  ...(files && { files }),
});

/** What is noted from now on: what shows a gap stays until the table is copied again. */
export const renewedRecord = (
  noted: EdgeRecord | undefined,
  now: EdgeRecord,
  gaps: readonly EdgeGap[],
): EdgeRecord => {
  if (noted?.subscription !== now.subscription)
    return noted !== undefined && gaps.some(isOfPosition) ? noted : now;
  const old = new Map(noted.tables.map((it) => [it.table, it]));
  const replaced = tablesWith(gaps, ['table']);
  const attached = new Set(gaps.flatMap((it) => (it.kind === 'attached' ? [it.partition] : [])));
  const returned = tablesWith(gaps, ['reattached']);
  const altered = tablesWith(gaps, ['altered']);
  const unsent = tablesWith(gaps, ['unsent', 'uncopied', 'unlogged']);
  // Nothing is known of what is UNLOGGED now, and its copy is still there.
  const known = new Set(now.tables.map(({ table }) => table));
  const unlogged = noted.tables.filter(({ table }) => unsent.has(table) && !known.has(table));
  const moved = movedSince(noted, now);
  const keepsSlot = gaps.some(({ kind }) => kind === 'slot');
  return {
    ...now,
    ...(moved && { moved }),
    slot: keepsSlot ? noted.slot : (now.slot ?? noted.slot),
    tables: [...now.tables, ...unlogged].map((it) => {
      const before = old.get(it.table);
      if (before !== undefined && replaced.has(it.table)) return before;
      // Nothing sends it: so it stays a gap under whatever names publications have later.
      const sent = unsent.has(it.table) ? {} : it.sentBy;
      const links = before !== undefined && returned.has(it.table) ? before.links : it.links;
      const [bySent, byLink] = [sent && { sentBy: sent }, links && { links }];
      const byColumn = before !== undefined && altered.has(it.table) ? columnsOf(before) : {};
      const kept = { ...it, ...bySent, ...byLink, ...byColumn };
      if (it.partitions === undefined || attached.size === 0) return kept;
      const known = Object.entries(it.partitions).filter(([name]) => !attached.has(name));
      return { ...kept, partitions: Object.fromEntries(known) };
    }),
  };
};
