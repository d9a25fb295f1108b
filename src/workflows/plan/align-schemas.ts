// What subscribers with `schema_sync: auto` lack. One row a schema first: where they are equal, nothing else is read;
// the DDL engine looks at both ends only where something differs that it would change.

import { formatName } from '../../model/identifier.ts';
import type { Renamings } from '../../model/schema/renaming.ts';
import type {
  RefusedStatement,
  SchemaAlignment,
  SchemaProposal,
} from '../../model/schema/schema-change.ts';
import { type Address, addressOf, type NodeName } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import { steepCommand } from '../../model/steep-command.ts';
import { matchesAddress } from '../../planner/address-pattern.ts';
import { type SentFrom, tablesToAlign } from '../../planner/reading/tables-to-align.ts';
import { detachPartitions } from '../../planner/schema/detach-partitions.ts';
import { isInLine } from '../../planner/schema/in-line.ts';
import type { Session } from '../../postgres/session.ts';
import { refuseNewer } from '../../schema/ddl/needed-features.ts';
import type { SentByPublisher } from '../../schema/engine/align-tables.ts';
import { admit } from '../../schema/gate/admit.ts';
import { readMissingNeeds } from '../../schema/read-missing-needs.ts';
import type { OpenNodes } from '../nodes.ts';
import type { Project } from '../project.ts';
import type { ComparedSessions, DifferingTables } from '../schema/compare-schemas.ts';
import { hasRecordedColumns, readRenamings } from '../schema/read-renamings.ts';

const sessionOf = (node: NodeName, nodes: OpenNodes): Session => {
  const session = nodes.sessions.get(node);
  if (session === undefined) throw new Error(`node ${node} is not open`);
  return session;
};

/** What is asked for, of one subscriber. */
interface Asked {
  readonly node: NodeName;
  /** Patterns of what is to be initialized again. */
  readonly reinit: readonly string[];
  readonly live: LiveState;
  readonly nodes: OpenNodes;
}

const addressIn = ({ node }: Asked, { subscription }: SentFrom): Address =>
  addressOf(node, 'subscription', subscription);

/** Where all is copied again, with a new slot, no name has to be told. */
const renamingsOf = async (asked: Asked, sent: SentFrom): Promise<Renamings> => {
  const { reinit, live, nodes } = asked;
  const isCopied = reinit.some((pattern) => matchesAddress(pattern, addressIn(asked, sent)));
  const found = await readRenamings(sent.source, sent.tables, live, nodes);
  return isCopied ? { ...found, columns: [] } : found;
};

/** Whether one source sends something that the subscriber cannot hold, or has otherwise. */
const isOutOfLine = async (
  asked: Asked,
  sent: SentFrom,
  differing: DifferingTables,
): Promise<boolean> => {
  const { node, live, nodes } = asked;
  const ends: ComparedSessions = [sessionOf(sent.source, nodes), sessionOf(node, nodes)];
  const [published, own] = await differing(
    ends,
    sent.tables.map(({ table }) => table),
  );
  const differs = sent.tables.some((table) => {
    const name = formatName(table.table);
    const source = published.get(name);
    return source !== undefined && !isInLine(table, source, own.get(name));
  });
  // Where columns exchange their names, or another one has the name of a dropped one, both ends may still be the same.
  if (differs || (await hasRecordedColumns(sent.source, sent.tables, live, nodes))) return differs;
  return (await renamingsOf(asked, sent)).columns.length > 0;
};

const needsEngine = async (
  asked: Asked,
  parts: readonly SentFrom[],
  differing: DifferingTables,
): Promise<boolean> => {
  for (const part of parts) if (await isOutOfLine(asked, part, differing)) return true;
  return false;
};

const noProposal: SchemaProposal = { statements: [], unsupported: [], refused: [] };

const propose = async (asked: Asked, parts: readonly SentFrom[]): Promise<SchemaProposal> => {
  // Few plans need the engine, which takes long to load.
  const { alignTables } = await import('../../schema/engine/align-tables.ts');
  const { readFacts } = await import('../../schema/engine/facts.ts');
  const published: SentByPublisher[] = [];
  for (const part of parts) {
    const renamings = await renamingsOf(asked, part);
    published.push({
      facts: await readFacts(sessionOf(part.source, asked.nodes)),
      tables: part.tables,
      renamings,
      again: steepCommand`steep apply --reinit ${addressIn(asked, part)}`,
    });
  }
  const own = sessionOf(asked.node, asked.nodes);
  const found = alignTables(await readFacts(own), published);
  const refused = [
    ...found.refused,
    ...refuseNewer(found.statements, own.serverVersion),
    ...(await missingNeeds(asked, parts, found)),
  ];
  return { ...found, refused };
};

/** Of the tables that are created. */
const missingNeeds = async (
  asked: Asked,
  parts: readonly SentFrom[],
  { statements }: SchemaProposal,
): Promise<readonly RefusedStatement[]> => {
  const created = new Set(
    statements
      .filter(
        ({ verb, object, part }) => verb === 'create' && object.kind === 'table' && part === null,
      )
      .map(({ object }) => object.name),
  );
  const own = sessionOf(asked.node, asked.nodes);
  const refused: RefusedStatement[] = [];
  for (const { source, tables } of parts) {
    const names = tables.map(({ table }) => table).filter((it) => created.has(formatName(it)));
    refused.push(...(await readMissingNeeds(sessionOf(source, asked.nodes), own, names)));
  }
  return refused;
};

/** Null: nothing is to be done. */
const align = async (
  asked: Asked,
  parts: readonly SentFrom[],
  differing: DifferingTables,
): Promise<SchemaAlignment | null> => {
  const gaps = parts.flatMap((part) => asked.live.edgeGaps?.[addressIn(asked, part)] ?? []);
  const first = detachPartitions(gaps);
  const needed = await needsEngine(asked, parts, differing);
  if (first.length === 0 && !needed) return null;
  const found = needed ? await propose(asked, parts) : noProposal;
  const statements = [...first, ...found.statements];
  return admit(sessionOf(asked.node, asked.nodes), { ...found, statements });
};

/** Adds to what was read what brings its subscribers in line. `reinit`: patterns of what is to be initialized again. */
export const alignSchemas = async (
  live: LiveState,
  { desired }: Project,
  nodes: OpenNodes,
  differing: DifferingTables,
  reinit: readonly string[],
): Promise<LiveState> => {
  const alignments: [NodeName, SchemaAlignment][] = [];
  for (const [node, parts] of Object.entries(tablesToAlign(desired, live))) {
    const asked: Asked = { node, reinit, live, nodes };
    const found = await align(asked, parts, differing);
    if (found !== null) alignments.push([node, found]);
  }
  return alignments.length === 0 ? live : { ...live, alignments: Object.fromEntries(alignments) };
};
