// Snapshots on record in steep_repl of their sources, with their slots as they are now.

import { readSnapshotRecords } from '../../catalog/copies/read-snapshots.ts';
import { readAnchors, readDatabaseIdentity } from '../../catalog/metadata/read-anchors.ts';
import { readMetadata } from '../../catalog/metadata/read-metadata.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { SnapshotRecord } from '../../model/snapshot/snapshot-record.ts';
import { type AnchorReport, anchorReport } from '../../model/snapshot/snapshot-report.ts';
import { toFailure } from '../../postgres/failures.ts';
import { type ChosenNode, type NodeChoice, onlyNode, openChosen } from '../chosen-nodes.ts';
import { loadFile } from '../load.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';

export interface RecordsRequest {
  readonly file: string;
  /** Null: every node of the file. */
  readonly node: NodeChoice | null;
}

export interface FoundRecord {
  /** Of the file, or what replaces a connection. */
  readonly on: string;
  readonly record: SnapshotRecord;
  /** Null: it has no slot, or was deleted. */
  readonly anchor: AnchorReport | null;
}

export type FoundRecords =
  | {
      readonly outcome: 'read';
      readonly records: readonly FoundRecord[];
      /** Of nodes that could not be read. */
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly outcome: 'invalid file'; readonly diagnostics: readonly Diagnostic[] };

/** One that several nodes of a cluster keep together is told once. */
export const findRecords = async (
  { file, node }: RecordsRequest,
  runtime: RuntimeEnvironment,
): Promise<FoundRecords> => {
  const choices = node === null ? everyNode(file, runtime) : [node];
  if (choices === null)
    return { outcome: 'invalid file', diagnostics: loadFile(file, runtime).diagnostics };
  const readings = await Promise.all(choices.map((choice) => readOne(file, choice, runtime)));
  const invalid = readings.find(({ outcome }) => outcome === 'invalid file');
  if (invalid !== undefined) return { outcome: 'invalid file', diagnostics: invalid.diagnostics };
  const seen = new Set<string>();
  const records = readings
    .flatMap(({ records: found }) => found)
    .filter(({ key }) => !seen.has(key) && seen.add(key));
  return {
    outcome: 'read',
    records,
    diagnostics: readings.flatMap(({ diagnostics }) => diagnostics),
  };
};

const everyNode = (file: string, runtime: RuntimeEnvironment): readonly NodeChoice[] | null =>
  loadFile(file, runtime).topology?.desired.nodes.map(({ name }) => ({
    node: name,
    connection: null,
    as: name,
  })) ?? null;

interface Reading {
  readonly outcome: 'read' | 'invalid file';
  readonly records: readonly (FoundRecord & { readonly key: string })[];
  readonly diagnostics: readonly Diagnostic[];
}

const readOne = async (
  file: string,
  choice: NodeChoice,
  runtime: RuntimeEnvironment,
): Promise<Reading> => {
  const options = { applicationName: 'steep snapshot', readOnly: true };
  const opened = await openChosen({ file, choices: [choice] }, options, runtime);
  if (opened.outcome !== 'open') {
    const outcome = opened.outcome === 'invalid file' ? 'invalid file' : 'read';
    return { outcome, records: [], diagnostics: opened.diagnostics };
  }
  try {
    const node = onlyNode(opened);
    const { systemIdentifier } = await readDatabaseIdentity(node.session);
    const found = await readRecordsOf(node);
    return {
      outcome: 'read',
      records: found.map((it) => ({ ...it, key: `${systemIdentifier} ${it.record.snapshotId}` })),
      diagnostics: [],
    };
  } finally {
    await opened.close();
  }
};

/** @throws SteepError with exit 7 when the node goes away. */
const readRecordsOf = async ({
  name,
  session,
  metadata,
}: ChosenNode): Promise<readonly FoundRecord[]> => {
  try {
    const { version } = await readMetadata(metadata, name);
    const records = await readSnapshotRecords(metadata, version);
    const slots = await readAnchors(
      session,
      records.flatMap(({ slot }) => slot ?? []),
    );
    return records.map((record) => {
      const slot = slots.find((it) => it.name === record.slot) ?? null;
      const isOver = record.slot === null || record.status === 'deleted';
      return { on: name, record, anchor: isOver ? null : anchorReport(slot, record.lsn) };
    });
  } catch (error) {
    throw toFailure(error, { node: name, doing: 'reading its snapshots' });
  }
};

/** The one of that id. @throws SteepError SNAPSHOT_UNKNOWN. */
export const chooseRecord = (id: string, records: readonly FoundRecord[]): FoundRecord => {
  const [found] = records.filter(({ record }) => record.snapshotId === id);
  if (found !== undefined) return found;
  throw new SteepError(
    'SNAPSHOT_UNKNOWN',
    `No snapshot ${id} is on record, and no directory has that name.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        'To list all snapshots: steep snapshot list',
        'Or name its directory or bucket.',
      ],
    },
  );
};
