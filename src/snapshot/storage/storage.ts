// Where the files of a snapshot live, and what can be done with them there: a directory or a bucket.
// Knows no manifest, no codec and no PostgreSQL.

import type { Readable } from 'node:stream';

/** What `list` finds. A link is named, never followed; a partial is what a write that was killed left behind. */
export interface StoredFile {
  readonly path: string;
  readonly bytes: number;
  readonly kind: 'file' | 'partial' | 'link' | 'other';
}

/** Some of the bytes of a file, at least one. */
export interface ByteRange {
  readonly from: number;
  readonly bytes: number;
}

/** The bytes of a file: a Readable, or anything else that yields them. */
export type Content = AsyncIterable<Uint8Array>;

/**
 * Files under one location. Paths are relative and `/` separated, as `checkPath` allows them; any other is refused
 * (SNAPSHOT_PATH). Failures are SteepErrors: STORAGE_FULL, STORAGE_FAILED, SNAPSHOT_LINK, SNAPSHOT_FILE_MISSING.
 * Everything may be called many times at once.
 */
export interface Storage {
  /** For people: `/path` or `s3://bucket/prefix`. Never holds a secret. */
  readonly location: string;
  /**
   * The whole file under its name, or nothing; an older file of the name is replaced. Answers the bytes written. When
   * the signal aborts or the content fails, rejects with that error and leaves nothing behind. It survives a crash of
   * the machine once `sync` has answered.
   */
  readonly write: (path: string, content: Content, signal: AbortSignal) => Promise<number>;
  /** When this resolves, these files survive a crash of the machine. Many at once cost little more than one. */
  readonly sync: (paths: readonly string[]) => Promise<void>;
  /** As `write` and `sync`, for a small text. */
  readonly writeText: (path: string, text: string) => Promise<void>;
  /** Adds a line (without line feeds) to a journal: when this resolves, it survives a crash. */
  readonly append: (path: string, line: string) => Promise<void>;
  /** The lines of a journal as they were appended, without one that a crash cut short; none: it is not there. */
  readonly readLines: (path: string) => AsyncIterable<string>;
  /** All bytes, or those of the range, with back-pressure. A file that is not there rejects: SNAPSHOT_FILE_MISSING. */
  readonly read: (path: string, signal: AbortSignal, range?: ByteRange) => Promise<Readable>;
  /** A small text; null: it is not there. A larger one is refused: SNAPSHOT_FILE_LARGE. */
  readonly readText: (path: string, limitBytes: number) => Promise<string | null>;
  /** Everything below a folder (`''`: everything), in no order. A journal is one file, wherever it is kept. */
  readonly list: (folder: string) => AsyncIterable<StoredFile>;
  /** Removes a file or a journal, if it is there. */
  readonly remove: (path: string) => Promise<void>;
  /**
   * Removes these files and journals, folders that are empty then, and the location itself if nothing is left in it.
   * Answers the paths of what is left: files that were not named.
   */
  readonly removeAll: (paths: readonly string[]) => Promise<readonly string[]>;
  /** Removes what killed writes left behind: partial files, uploads. Not while another run may be writing. */
  readonly removePartials: () => Promise<void>;
  /** Free space on the disk; null: none knows, as for a bucket. */
  readonly freeBytes: () => Promise<number | null>;
  readonly close: () => Promise<void>;
}
