// What subscribers with `schema_sync: auto` lack. One row a schema first: where they are equal, nothing else is read;
// the DDL engine looks at both ends only where something differs that it would change.

import { formatName } from '../../model/identifier.ts';
import type { SchemaAlignment, SentTable } from '../../model/schema/schema-change.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import { type SentFrom, tablesToAlign } from '../../planner/reading/tables-to-align.ts';
import { isInLine } from '../../planner/schema/in-line.ts';
import type { Session } from '../../postgres/session.ts';
import type { SentByPublisher } from '../../schema/engine/align-tables.ts';
import { admit } from '../../schema/gate/admit.ts';
import type { OpenNodes } from '../nodes.ts';
import type { Project } from '../project.ts';
import type { ComparedSessions, DifferingTables } from '../schema/compare-schemas.ts';
import { readRenamings } from '../schema/read-renamings.ts';

const sessionOf = (node: NodeName, nodes: OpenNodes): Session => {
  const session = nodes.sessions.get(node);
  if (session === undefined) throw new Error(`node ${node} is not open`);
  return session;
};

/** Whether one source sends something that the subscriber cannot hold, or has otherwise. */
const isOutOfLine = async (
  ends: ComparedSessions,
  sent: readonly SentTable[],
  differing: DifferingTables,
): Promise<boolean> => {
  const [published, own] = await differing(
    ends,
    sent.map(({ table }) => table),
  );
  return sent.some((table) => {
    const name = formatName(table.table);
    const source = published.get(name);
    return source !== undefined && !isInLine(table, source, own.get(name));
  });
};

const needsEngine = async (
  node: NodeName,
  parts: readonly SentFrom[],
  nodes: OpenNodes,
  differing: DifferingTables,
): Promise<boolean> => {
  for (const { source, tables } of parts) {
    const ends: ComparedSessions = [sessionOf(source, nodes), sessionOf(node, nodes)];
    if (await isOutOfLine(ends, tables, differing)) return true;
  }
  return false;
};

const align = async (
  node: NodeName,
  parts: readonly SentFrom[],
  live: LiveState,
  nodes: OpenNodes,
): Promise<SchemaAlignment> => {
  // Few plans need the engine, which takes long to load.
  const { alignTables } = await import('../../schema/engine/align-tables.ts');
  const { readFacts } = await import('../../schema/engine/facts.ts');
  const published: SentByPublisher[] = [];
  for (const { source, tables } of parts) {
    const renamings = await readRenamings(source, tables, live, nodes);
    published.push({ facts: await readFacts(sessionOf(source, nodes)), tables, renamings });
  }
  const session = sessionOf(node, nodes);
  return admit(session, alignTables(await readFacts(session), published));
};

/** Adds to what was read what brings its subscribers in line. */
export const alignSchemas = async (
  live: LiveState,
  { desired }: Project,
  nodes: OpenNodes,
  differing: DifferingTables,
): Promise<LiveState> => {
  const alignments: [NodeName, SchemaAlignment][] = [];
  for (const [node, parts] of Object.entries(tablesToAlign(desired, live))) {
    if (!(await needsEngine(node, parts, nodes, differing))) continue;
    alignments.push([node, await align(node, parts, live, nodes)]);
  }
  return alignments.length === 0 ? live : { ...live, alignments: Object.fromEntries(alignments) };
};
