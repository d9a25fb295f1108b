// Which tables of the source are not those any more that a copy began with: replaced, or with other partitions.

import type { ChangedTable } from '../../model/copy/changed-table.ts';
import {
  doubtfulLeaves,
  joinedSince,
  type TableMark,
  whyReplaced,
  withOtherFile,
} from '../../model/copy/table-mark.ts';
import { formatName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { readRewrittenRows } from '../objects/read-rewritten-rows.ts';
import { readRowsBeforeAttach } from '../objects/read-rows-before-attach.ts';
import { readKeptRows } from './read-kept-rows.ts';
import { readTableMarks } from './read-table-marks.ts';

/** Those of the noted tables whose rows the copy and its slot do not bring as they are now. */
export const readReplacedTables = async (
  source: Session,
  noted: readonly TableMark[],
  publications: readonly string[],
): Promise<readonly ChangedTable[]> => {
  const marks = await readTableMarks(source, noted, publications);
  const found = new Map(marks.map((mark) => [formatName(mark), mark]));
  const pairs = noted.map((before) => ({ before, now: found.get(formatName(before)) }));
  const joined = pairs.flatMap(({ before, now }) => joinedSince(before, now));
  const older = await readRowsBeforeAttach(source, joined, { whole: true });
  const doubtful = pairs.flatMap(({ before, now }) =>
    before.ended === undefined
      ? []
      : [{ ended: before.ended, leaves: doubtfulLeaves(before, now) }],
  );
  const kept = await readKeptRows(source, doubtful);
  const others = pairs.flatMap(({ before, now }) => withOtherFile(before, now));
  const rewritten = await readRewrittenRows(source, others);
  return pairs.flatMap(({ before, now }): readonly ChangedTable[] => {
    const replaced = whyReplaced(before, now, { older, kept }) ?? whyUnsent(before, now, rewritten);
    const { schema, name } = before;
    const table = { schema, name };
    return replaced === null ? [] : [{ table, expected: 0, found: null, foreign: 0, replaced }];
  });
};

/** PostgreSQL sends nothing of a table that is UNLOGGED, and SET LOGGED writes all rows again. */
const whyUnsent = (
  before: TableMark,
  now: TableMark | undefined,
  rewritten: ReadonlySet<string>,
): string | null => {
  const found = withOtherFile(before, now).find((table) => rewritten.has(formatName(table)));
  return found === undefined
    ? null
    : `the rows of ${formatName(found)} were rewritten on the source, where it may have been UNLOGGED meanwhile`;
};
