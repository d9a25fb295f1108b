// steep schema capture: keeps the fingerprints of nodes in steep_repl. Each of the nodes keeps those of all of them, so
// that compare_fingerprints() answers on any.

import { readMetadata } from '../../catalog/metadata/read-metadata.ts';
import { storeFingerprints } from '../../metadata/fingerprints.ts';
import { SteepError } from '../../model/errors.ts';
import type { ReadResult } from '../../model/report/read-result.ts';
import type { CapturedTable } from '../../model/schema/schema-fingerprint.ts';
import { metadataVersion } from '../../model/state/metadata-version.ts';
import { readCaptured } from '../../schema/read-fingerprints.ts';
import type { ChosenNode, NodeChoice } from '../chosen-nodes.ts';
import type { Run } from '../operation/open-run.ts';
import { type OperationRequest, runOperation } from '../operation/run-operation.ts';
import { readWanted, type WantedText } from '../plan/wanted-tables.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { comparedScope, type Wanted } from './compare-schemas.ts';

export interface CaptureRequest extends OperationRequest {
  readonly file: string;
  /** Null: every node of the file. */
  readonly nodes: readonly NodeChoice[] | null;
  readonly wanted: WantedText;
}

export interface CaptureReport {
  /** How many tables of each node were kept. */
  readonly nodes: readonly { readonly name: string; readonly tables: number }[];
}

/** @throws SteepError METADATA_OUTDATED, before anything is written; RUN_LOCKED; USAGE; or with exit 7 when a node goes away. */
export const captureSchemas = (
  request: CaptureRequest,
  runtime: RuntimeEnvironment,
): Promise<ReadResult<CaptureReport>> =>
  runOperation('schema capture', request, runtime, (run) => captureOn(request, run));

const captureOn = async (request: CaptureRequest, run: Run): Promise<ReadResult<CaptureReport>> => {
  const wanted = readWanted(request.wanted);
  const opened = await run.openChosen({ file: request.file, choices: request.nodes });
  if (opened.outcome !== 'open') return opened;
  await run.lock(opened.nodes);
  await Promise.all(opened.nodes.map(assertInstalled));
  const captured = await Promise.all(opened.nodes.map((node) => capture(node, wanted, run)));
  await Promise.all(opened.nodes.map((keeper) => keep(keeper, captured, wanted, run)));
  const nodes = captured.map(({ node, tables }) => ({ name: node, tables: tables.length }));
  return { outcome: 'read', report: { nodes } };
};

const assertInstalled = async ({ name, metadata }: ChosenNode): Promise<void> => {
  const { version: installed, resources } = await readMetadata(metadata, name);
  if (installed >= metadataVersion) return;
  const found =
    resources.length === 0 ? 'has no steep_repl' : `has version ${installed} of steep_repl`;
  throw new SteepError(
    'METADATA_OUTDATED',
    `Node ${name} ${found}; fingerprints are recorded from version ${metadataVersion} on.`,
    { suggestions: ['steep apply'] },
  );
};

interface Captured {
  readonly node: string;
  readonly tables: readonly CapturedTable[];
}

const capture = async (
  { name, session }: ChosenNode,
  wanted: Wanted,
  { patiently }: Run,
): Promise<Captured> => {
  const read = () => readCaptured(session, comparedScope(wanted));
  return { node: name, tables: await patiently('reading the tables', session, read) };
};

const keep = async (
  { metadata }: ChosenNode,
  captured: readonly Captured[],
  wanted: Wanted,
  { patiently }: Run,
): Promise<void> => {
  for (const { node, tables } of captured) {
    await patiently('recording the fingerprints', metadata, () =>
      storeFingerprints(metadata, node, tables, wanted),
    );
  }
};
