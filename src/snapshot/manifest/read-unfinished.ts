// What the journal of an unfinished snapshot tells about it, as far as it can be read: of a damaged one, too, a user
// must be able to see what is left to take away.

import { toCamelKeys } from '../../model/key-case.ts';
import { journalFile } from '../../model/snapshot/snapshot.ts';
import type { Storage } from '../storage/storage.ts';

/** Null, or empty: it does not say, or not in a way that can be trusted. */
export interface UnfinishedSnapshot {
  readonly snapshotId: string | null;
  readonly createdAt: string | null;
  readonly node: string | null;
  readonly systemIdentifier: string | null;
  readonly database: string | null;
  readonly slot: string | null;
  /** Null: it was stopped before its slot was there. */
  readonly lsn: string | null;
  readonly holder: { readonly pid: number; readonly backendStart: string } | null;
  readonly compression: string | null;
  readonly tables: number | null;
  readonly rows: number;
  readonly bytes: number;
  readonly storedBytes: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** Null: there is no journal. */
export const readUnfinished = async (storage: Storage): Promise<UnfinishedSnapshot | null> => {
  const lines: Fields[] = [];
  for await (const line of storage.readLines(journalFile)) lines.push(parse(line));
  return lines.length === 0 ? null : describe(lines);
};

const parse = (line: string): Fields => {
  try {
    return fields(toCamelKeys(JSON.parse(line)));
  } catch {
    return {};
  }
};

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

const describe = (lines: readonly Fields[]): UnfinishedSnapshot => {
  const first = (pick: (about: Fields) => string | null): string | null =>
    headers.map(pick).find((value) => value !== null) ?? null;
  const headers = lines.flatMap((line) => [line, fields(line.intent), fields(line.header)]);
  const sources = headers.map(({ source }) => fields(source));
  const ofSource = (key: string): string | null =>
    sources.map((source) => text(source[key], /^.+$/s)).find((it) => it !== null) ?? null;
  const chunks = chunksOf(lines);
  return {
    snapshotId: first(({ snapshotId }) => text(snapshotId, /^[a-z0-9_]{1,40}$/)),
    createdAt: first(({ createdAt }) => text(createdAt, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)),
    node: ofSource('node'),
    systemIdentifier: ofSource('systemIdentifier'),
    database: ofSource('database'),
    slot: first(({ slot }) => text(slot, /^[a-z0-9_]{1,63}$/)),
    lsn: first(({ lsn }) => text(lsn, /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/)),
    holder: headers.map(({ holder }) => holderOf(fields(holder))).find((it) => it !== null) ?? null,
    compression: first((about) => text(compressionOf(about), /^[a-z0-9]+(:\d+)?$/)),
    tables: headers.map(countTables).find((it) => it !== null) ?? null,
    rows: sum(chunks, 'rows'),
    bytes: sum(chunks, 'bytes'),
    storedBytes: sum(chunks, 'storedBytes'),
  };
};

/** Without those of tables that were read again, from the beginning. */
const chunksOf = (lines: readonly Fields[]): readonly Fields[] => {
  const lastCut = new Map<unknown, number>();
  for (const [at, { cut }] of lines.entries()) {
    if (cut !== undefined) lastCut.set(fields(cut).index, at);
  }
  return lines.flatMap(({ chunks }, at) =>
    (Array.isArray(chunks) ? chunks : [])
      .map(fields)
      .filter(({ table }) => at >= (lastCut.get(table) ?? 0))
      .map(({ stored }) => fields(stored)),
  );
};

const text = (value: unknown, pattern: RegExp): string | null =>
  typeof value === 'string' && pattern.test(value) ? value : null;

const compressionOf = ({ compression, choice }: Fields): unknown =>
  compression ?? fields(choice).compression;

const sum = (chunks: readonly Fields[], key: string): number =>
  chunks.reduce((total, { [key]: value }) => total + (typeof value === 'number' ? value : 0), 0);

const holderOf = ({ pid, backendStart }: Fields): UnfinishedSnapshot['holder'] => {
  const since = text(backendStart, /^\d+(\.\d+)?$/);
  return Number.isSafeInteger(pid) && since !== null
    ? { pid: Number(pid), backendStart: since }
    : null;
};

const countTables = ({ tables, choice }: Fields): number | null => {
  const listed = tables ?? fields(choice).tables;
  return Array.isArray(listed) ? listed.length : null;
};
