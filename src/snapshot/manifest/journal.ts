// The journal of a snapshot that is being made: what will be made on the server, at which moment, in which chunks, and
// then the chunks that are stored, a line for those that were synced together. It is all that a run that continues knows of the one before.

import type { Transfer } from '../../copy/fill/copy-table.ts';
import { SteepError } from '../../model/errors.ts';
import type { QualifiedName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import {
  journalFile,
  type SnapshotChunk,
  type SnapshotSource,
} from '../../model/snapshot/snapshot.ts';
import type { RunningExporter } from '../hold/export-order.ts';
import type { Storage } from '../storage/storage.ts';

/** What was asked for. */
export interface RequestedSnapshot {
  readonly tables: readonly QualifiedName[];
  readonly publications: readonly string[];
  readonly compression: string;
}

export interface JournalHeader {
  readonly formatVersion: 1;
  readonly snapshotId: string;
  readonly createdAt: string;
  readonly source: SnapshotSource;
  readonly slot: string | null;
  readonly lsn: string;
  readonly holder: RunningExporter;
  readonly choice: RequestedSnapshot;
}

export interface StoredChunk {
  /** Position in the choice. */
  readonly table: number;
  readonly number: number;
  readonly stored: SnapshotChunk;
}

export interface Journal {
  readonly intent: JournalIntent;
  /** Null: the run before was killed before it had a snapshot. */
  readonly header: JournalHeader | null;
  /** Null: the run before did not come so far. */
  readonly transfers: readonly Transfer[] | null;
  readonly chunks: readonly StoredChunk[];
}

/** Before anything is made on the server: what a run that was killed right then may have left there. */
export interface JournalIntent {
  readonly snapshotId: string;
  readonly slot: string | null;
}

type Line =
  | { readonly intent: JournalIntent }
  | { readonly header: JournalHeader }
  | { readonly transfers: readonly Transfer[] }
  /** Other ranges of one table: chunks of it that were stored before are void. */
  | { readonly cut: Transfer }
  | { readonly chunks: readonly StoredChunk[] };

export const appendLine = (storage: Storage, line: Line): Promise<void> =>
  storage.append(journalFile, JSON.stringify(line));

/** Null: nothing was begun here. @throws SteepError SNAPSHOT_DAMAGED for lines that no steep wrote. */
export const readJournal = async (storage: Storage): Promise<Journal | null> => {
  const lines: Line[] = [];
  for await (const text of storage.readLines(journalFile)) lines.push(parseLine(text, storage));
  const intent = lines.find((line) => 'intent' in line)?.intent;
  if (intent === undefined) return null;
  return {
    intent,
    header: lines.find((line) => 'header' in line)?.header ?? null,
    ...rowsOf(lines),
  };
};

const rowsOf = (lines: readonly Line[]): Pick<Journal, 'transfers' | 'chunks'> => {
  let transfers: readonly Transfer[] | null = null;
  let chunks: StoredChunk[] = [];
  for (const line of lines) {
    if ('transfers' in line) transfers = line.transfers;
    if ('chunks' in line) chunks.push(...line.chunks);
    if ('cut' in line) {
      const { cut } = line;
      transfers = transfers?.map((it) => (it.index === cut.index ? cut : it)) ?? null;
      chunks = chunks.filter(({ table }) => table !== cut.index);
    }
  }
  return { transfers, chunks };
};

const parseLine = (text: string, { location }: Storage): Line => {
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line !== 'object' || line === null) throw new TypeError('A line is an object.');
    return line as Line;
  } catch (cause) {
    throw new SteepError('SNAPSHOT_DAMAGED', `${location}/${journalFile} is damaged.`, {
      exit: ExitCode.refused,
      suggestions: ['Start over: steep snapshot generate … --restart'],
      cause,
    });
  }
};
