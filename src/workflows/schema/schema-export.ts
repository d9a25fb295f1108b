// steep schema export: the tables of a node as SQL that makes them elsewhere. Read-only.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { formatName } from '../../model/identifier.ts';
import type { ReadResult } from '../../model/report/read-result.ts';
import type { SequenceDefinition } from '../../model/schema/sequence-definition.ts';
import type { TableDefinition } from '../../model/schema/table-definition.ts';
import type { SnapshotDefinitions } from '../../model/snapshot/snapshot.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { createStatements } from '../../schema/ddl/export-script.ts';
import { type NeededFeature, neededFeatures } from '../../schema/ddl/needed-features.ts';
import { renderScript } from '../../schema/ddl/script.ts';
import { selfContained } from '../../schema/ddl/self-contained.ts';
import { readDefinitions } from '../../schema/read-definitions.ts';
import { readRequirements } from '../../schema/read-requirements.ts';
import { readSequences } from '../../schema/read-sequences.ts';
import { type ChosenNode, type NodeChoice, onlyNode, openChosen } from '../chosen-nodes.ts';
import { readWanted, type WantedText } from '../plan/wanted-tables.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { comparedScope, type Wanted } from './compare-schemas.ts';

export interface ExportRequest {
  readonly file: string;
  readonly node: NodeChoice;
  readonly wanted: WantedText;
}

export interface ExportReport {
  readonly node: string;
  readonly tables: readonly string[];
  readonly sequences: readonly string[];
  /** The oldest major that takes it; null: every one that steep supports. */
  readonly since: number | null;
  readonly needed: readonly NeededFeature[];
  /** What the script needs and does not make. */
  readonly requires: readonly string[];
  readonly leftOut: readonly string[];
  readonly sql: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** @throws SteepError USAGE; or with exit 7 when the node goes away. */
export const exportSchema = async (
  request: ExportRequest,
  runtime: RuntimeEnvironment,
): Promise<ReadResult<ExportReport>> => {
  const wanted = readWanted(request.wanted);
  const options = { applicationName: 'steep schema', readOnly: true };
  const chosen = { file: request.file, choices: [request.node] };
  const opened = await openChosen(chosen, options, runtime);
  if (opened.outcome !== 'open') return opened;
  try {
    const node = onlyNode(opened);
    return { outcome: 'read', report: await exportNode(node, wanted) };
  } finally {
    await opened.close();
  }
};

const snapshot = { isolation: 'repeatable read', readOnly: true } as const;

const exportNode = async ({ name, session }: ChosenNode, wanted: Wanted): Promise<ExportReport> => {
  const read = await session
    .transaction(snapshot, () => readExport(session, wanted))
    .catch((error: unknown) => {
      throw toFailure(error, { node: name, doing: 'reading the tables' });
    });
  return writeExport(name, read, wanted);
};

/** What the script is made of: in one transaction, so that it agrees. */
export const readExport = async (session: Session, wanted: Wanted) => {
  const scope = comparedScope(wanted);
  return {
    definitions: await readDefinitions(session, scope),
    sequences: await readSequences(session),
    requirements: await readRequirements(session, scope),
  };
};

/** What can be created by itself. `leftOut`: what cannot, one sentence each. */
export const definitionsFor = (
  read: Awaited<ReturnType<typeof readExport>>,
  wanted: Wanted,
): { readonly definitions: SnapshotDefinitions; readonly leftOut: readonly string[] } => {
  const { extensions, members, types, objects, order, others: requires } = read.requirements;
  const { tables, leftOut } = selfContained(read.definitions);
  const sequences = sequencesFor(tables, read, wanted);
  const definitions: SnapshotDefinitions = {
    tables: tables.map((table) => ({
      ...table,
      types: table.types.filter(({ name }) => !members.has(formatName(name))),
    })),
    sequences,
    extensions,
    ...(types.length > 0 && { types }),
    ...(objects.length > 0 && { objects }),
    ...(order.length > 0 && { order }),
    ...(requires.length > 0 && { requires }),
  };
  return { definitions, leftOut };
};

export const writeExport = (
  node: string,
  read: Awaited<ReturnType<typeof readExport>>,
  wanted: Wanted,
): ExportReport => {
  const { definitions, leftOut } = definitionsFor(read, wanted);
  const { tables, sequences } = definitions;
  const { others: requires } = read.requirements;
  const needed = neededFeatures(tables);
  const functions = (definitions.objects ?? []).filter(({ kind }) => kind === 'function');
  const heading = headingOf(node, tables.length, [
    ['Needs objects that it does not create:', requires],
    [
      'Creates functions, which run with the rights of whoever uses the tables:',
      functions.map(({ name }) => name),
    ],
    ['Left out:', leftOut],
  ]);
  const statements = createStatements(definitions);
  return {
    node,
    tables: tables.map((table) => formatName(table.name)),
    sequences: sequences.map((sequence) => formatName(sequence.name)),
    since: needed.reduce<number | null>((most, { since }) => Math.max(most ?? since, since), null),
    needed,
    requires,
    leftOut,
    sql: renderScript({ heading, needed, statements }),
    diagnostics: [...requires.map(required), ...leftOut.map(omitted)],
  };
};

/** Those of the tables and of what they need; and those without a table, where whole schemas are asked for. */
const sequencesFor = (
  tables: readonly TableDefinition[],
  { sequences, requirements }: Awaited<ReturnType<typeof readExport>>,
  { tables: someTables, schemas }: Wanted,
): readonly SequenceDefinition[] => {
  const exported = new Set(tables.map(({ name }) => formatName(name)));
  return sequences
    .filter(({ name, owner, feeds }) => {
      if (feeds.some((table) => exported.has(formatName(table)))) return true;
      if (requirements.sequences.has(formatName(name))) return true;
      if (owner !== null) return exported.has(formatName(owner.table));
      return someTables === null && (schemas === null || schemas.includes(name.schema));
    })
    .map((sequence) =>
      sequence.owner === null || exported.has(formatName(sequence.owner.table))
        ? sequence
        : { ...sequence, owner: null },
    );
};

const headingOf = (
  node: string,
  tables: number,
  lists: readonly (readonly [title: string, items: readonly string[]])[],
): readonly string[] => [
  `${tables} tables of node ${node}, for an empty database. Made by steep schema export.`,
  ...lists.flatMap(([title, items]) =>
    items.length === 0 ? [] : [title, ...items.map((item) => `  ${item}`)],
  ),
];

const required = (what: string): Diagnostic => ({
  severity: 'warning',
  code: 'EXPORT_REQUIRES',
  summary: 'The script needs objects that it does not create',
  detail: `Create ${what} before you run it.`,
});

const omitted = (what: string): Diagnostic => ({
  severity: 'warning',
  code: 'EXPORT_LEFT_OUT',
  summary: 'An object was left out of the script',
  detail: what,
});
