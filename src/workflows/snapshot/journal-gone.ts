// Why a snapshot that was not finished cannot be continued.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { steepCommand } from '../../model/steep-command.ts';
import type { Journal, JournalHeader } from '../../snapshot/manifest/journal.ts';
import type { Storage } from '../../snapshot/storage/storage.ts';

/** Its exported snapshot does not exist any more. */
export const journalGone = (
  storage: Storage,
  header: JournalHeader,
  { chunks, transfers }: Journal,
): SteepError => {
  const total = transfers?.reduce((sum, table) => sum + table.chunks.length, 0);
  const stored = total === undefined ? 'nothing' : `${chunks.length} of ${total} chunks`;
  const tables = header.choice.tables.length;
  return new SteepError(
    'SNAPSHOT_GONE',
    `${storage.location}: the exported snapshot of ${header.snapshotId} at ${header.lsn} has expired. Stored so far: ${stored}; rows of another point in time do not match them, so all ${tables} tables must be read again.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        'To start over with another slot and replace the stored files: add --restart',
        ...(header.slot === null
          ? []
          : [
              `Slot ${header.slot} keeps WAL until then. To drop it instead: ${steepCommand`steep snapshot delete ${storage.location}`}`,
            ]),
      ],
    },
  );
};

/** No further run can bring these to an end at the same exported snapshot. */
const final: readonly string[] = ['SNAPSHOT_LOST', 'SNAPSHOT_OUTDATED', 'COPY_REWRITTEN'];

export const endsSnapshot = ({ code }: SteepError): boolean => final.includes(code);

/** The same, at the moment at which it happens: unlike a copy, a snapshot has no table that could be read at another point. */
export const withItsCure = (error: unknown): unknown =>
  error instanceof SteepError && endsSnapshot(error)
    ? new SteepError(error.code, error.message, {
        exit: error.exit,
        cause: error.cause,
        suggestions: [
          'To start over with another slot and replace the stored files: add --restart',
          ...(error.code === 'COPY_REWRITTEN'
            ? ['So that such statements wait until the rows are read: add --hold-tables']
            : []),
        ],
      })
    : error;
