// A snapshot on storage: what its manifest says. Chunks of rows in files, exact at one position in the WAL.

import { createHash } from 'node:crypto';
import type { PublicationMark } from '../copy/manual-init.ts';
import type { TableMark } from '../copy/table-mark.ts';
import type { QualifiedName } from '../identifier.ts';
import type { CreationOrder, NeededObject } from '../schema/needed-object.ts';
import type { SequenceDefinition } from '../schema/sequence-definition.ts';
import type { TableDefinition, TypeDefinition } from '../schema/table-definition.ts';

/** 1: every chunk has a file of its own; 2: small ones share files. The lower one is written where it can be. */
export const snapshotFormatVersions = [1, 2] as const;

type SnapshotFormatVersion = (typeof snapshotFormatVersions)[number];

/** Where the rows come from. A restored clone has the same system identifier, and another timeline. */
export interface SnapshotSource {
  readonly node: string;
  readonly systemIdentifier: string;
  readonly timeline: number;
  readonly database: string;
  /** As server_version_num has it. */
  readonly serverVersion: number;
  /** Of the database. */
  readonly encoding: string;
}

/** Rows of a table, stored at once. */
export interface SnapshotChunk {
  /** Relative to the snapshot; null: there was no row to write. */
  readonly file: string | null;
  /** Where it begins in a file that others share; absent: the file is its own. */
  readonly offset?: number;
  /** Where the rows were: the table itself or one of its partitions. */
  readonly heap: QualifiedName;
  readonly fromBlock: number;
  /** Null: to the end. */
  readonly toBlock: number | null;
  readonly rows: number;
  /** As COPY sent it, and its SHA-256. */
  readonly bytes: number;
  readonly sha256: string;
  /** As it is stored, and its SHA-256. */
  readonly storedBytes: number;
  readonly storedSha256: string;
}

export interface SnapshotColumn {
  readonly name: string;
  /** The representation of a value in FORMAT binary; null: it may differ between servers. */
  readonly wire: string | null;
}

export interface SnapshotTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly SnapshotColumn[];
  /** Rows that the publications send; null: all. */
  readonly filter: string | null;
  readonly format: 'binary' | 'text';
  /** What schema fingerprints compare: all of it, and what replication needs. */
  readonly strictFingerprint: string;
  readonly replicationFingerprint: string;
  readonly rows: number;
  /** As COPY sent them. */
  readonly bytes: number;
  /** On the source, with TOAST. */
  readonly size: number;
  readonly chunks: readonly SnapshotChunk[];
}

/** What the tables are, without anything that is outside of them: how they are created where they are missing. */
export interface SnapshotDefinitions {
  readonly tables: readonly TableDefinition[];
  readonly sequences: readonly SequenceDefinition[];
  readonly extensions: readonly { readonly name: string; readonly schema: string }[];
  /** Types that no column is of, which other definitions use; absent: none. */
  readonly types?: readonly TypeDefinition[];
  /** Functions and collations that these definitions use; absent: none. */
  readonly objects?: readonly NeededObject[];
  /** What must be created before what, in addition to the types that a type or a table is made of; absent: nothing. */
  readonly order?: readonly CreationOrder[];
  /** What they need and no snapshot carries, by name: `operator shop.<+>(integer,integer)`; absent: nothing. */
  readonly requires?: readonly string[];
}

/** A file that is not rows. */
export interface SnapshotText {
  readonly bytes: number;
  readonly sha256: string;
}

export interface SnapshotManifest {
  readonly formatVersion: SnapshotFormatVersion;
  readonly steepVersion: string;
  readonly snapshotId: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly source: SnapshotSource;
  /** Holds the WAL since `lsn`, and has no reader: every subscription gets a copy of it. Null: there is none. */
  readonly slot: string | null;
  readonly lsn: string;
  /** Empty: the tables were chosen without publications. */
  readonly publications: readonly string[];
  /** Those publications as they were at the position, so that later changes of them are detected. */
  readonly publicationMarks?: readonly PublicationMark[];
  /** The tables at the position; absent: an older steep wrote it. */
  readonly tableMarks?: readonly TableMark[];
  /** As in `zstd:3`. */
  readonly compression: string;
  readonly tables: readonly SnapshotTable[];
  /** Meanings of foreign keys that hold for the rows of these tables. */
  readonly foreignKeys: readonly string[];
  /** Absent: an older steep wrote it, and no table can be created from it. */
  readonly definitions?: SnapshotDefinitions;
  /** For people: it is never run. */
  readonly schema: SnapshotText;
  readonly sequences: SnapshotText;
}

/** What steep snapshot generate has made. */
export interface SnapshotReport {
  /** It was there already: nothing was done. */
  readonly unchanged: boolean;
  readonly location: string;
  readonly snapshot: Omit<
    SnapshotManifest,
    'tables' | 'foreignKeys' | 'publicationMarks' | 'tableMarks' | 'definitions'
  >;
  /** Of the bytes of manifest.json, in hexadecimal: it pins every file. */
  readonly manifestSha256: string;
  /** manifest.sig is there. */
  readonly signed: boolean;
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  readonly storedBytes: number;
  readonly durationMs: number;
}

/** A sequence that feeds a column, as far as it was after the rows were read. */
export interface SequencePosition {
  readonly schema: string;
  readonly name: string;
  /** The column, the same on both ends. */
  readonly feeds: string;
  /** Text: beyond what a number holds exactly. */
  readonly value: string;
  readonly called: boolean;
}

/** SHA-256 of nothing. */
export const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export interface SnapshotAt {
  readonly snapshotId: string;
  /** As Storage says it. */
  readonly location: string;
}

/** Anyone who writes to a folder can give the id of any snapshot there, but cannot choose where the folder is. */
const nameAt = ({ snapshotId, location }: SnapshotAt): string => {
  const place = createHash('sha256').update(`${snapshotId}\n${location}`).digest('hex');
  return `${snapshotId}_${place.slice(0, 16)}`;
};

/** The name of its slot, unless another was asked for. */
export const defaultSnapshotSlot = (at: SnapshotAt): string => `steep_snapshot_${nameAt(at)}`;

/** What the sessions call themselves that read its rows. */
export const snapshotApplication = (at: SnapshotAt): string => `steep snapshot ${nameAt(at)}`;

/**
 * What the backend calls itself that holds the rows of an unfinished one. No other is ended, whatever the journal says.
 */
export const exporterApplication = (at: SnapshotAt): string => exporterOf(snapshotApplication(at));

/** Of the sessions of this name. */
export const exporterOf = (application: string): string => `${application} export`;

export const manifestFile = 'manifest.json';
/** The signature of manifest.json, by the one who made the snapshot. */
export const signatureFile = 'manifest.sig';
export const journalFile = 'journal.jsonl';
export const schemaFile = 'schema.sql';
export const sequencesFile = 'sequences.json';

/** Under which the copy checkpoints of a target keeps what was loaded of it. */
export const checkpointsKeyOf = (snapshotId: string): string => `snapshot ${snapshotId}`;
