// Which tables of the source are not those any more that a copy began with: replaced, or with other partitions.

import type { ChangedTable } from '../../model/copy/changed-table.ts';
import { joinedSince, type TableMark, whyReplaced } from '../../model/copy/table-mark.ts';
import { formatName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { readRowsBeforeAttach } from '../objects/read-rows-before-attach.ts';
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
  return pairs.flatMap(({ before, now }): readonly ChangedTable[] => {
    const replaced = whyReplaced(before, now, older);
    const { schema, name } = before;
    const table = { schema, name };
    return replaced === null ? [] : [{ table, expected: 0, found: null, foreign: 0, replaced }];
  });
};
