// What subscribers with `schema_sync: auto` lack. One row a schema first: where they are equal, nothing else is read;
// the DDL engine looks at both ends only where something differs that it would change.

import { formatName } from '../../model/identifier.ts';
import type { SchemaAlignment, SentTable } from '../../model/schema/schema-change.ts';
import type { TableDefinition } from '../../model/schema/table-definition.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import { type SentFrom, tablesToAlign } from '../../planner/reading/tables-to-align.ts';
import { isInLine } from '../../planner/schema/in-line.ts';
import type { Session } from '../../postgres/session.ts';
import type { SentByPublisher } from '../../schema/engine/align-tables.ts';
import { admit } from '../../schema/gate/admit.ts';
import type { OpenNodes } from '../nodes.ts';
import type { Project } from '../project.ts';
import {
  type ComparedSessions,
  definitionsOnBoth,
  differingTables,
} from '../schema/compare-schemas.ts';

const sessionOf = (node: NodeName, nodes: OpenNodes): Session => {
  const session = nodes.sessions.get(node);
  if (session === undefined) throw new Error(`node ${node} is not open`);
  return session;
};

const byName = (definitions: readonly TableDefinition[]): ReadonlyMap<string, TableDefinition> =>
  new Map(definitions.map((definition) => [formatName(definition.name), definition]));

/** Whether one source sends something that the subscriber cannot hold, or has otherwise. */
const isOutOfLine = async (
  ends: ComparedSessions,
  sent: readonly SentTable[],
): Promise<boolean> => {
  const names = await differingTables(
    ends,
    sent.map(({ table }) => table),
  );
  const [published, own] = (await definitionsOnBoth(ends, names)).map(byName);
  return sent.some((table) => {
    const name = formatName(table.table);
    const source = published?.get(name);
    return source !== undefined && !isInLine(table, source, own?.get(name));
  });
};

const needsEngine = async (
  node: NodeName,
  parts: readonly SentFrom[],
  nodes: OpenNodes,
): Promise<boolean> => {
  for (const { source, tables } of parts) {
    const ends: ComparedSessions = [sessionOf(source, nodes), sessionOf(node, nodes)];
    if (await isOutOfLine(ends, tables)) return true;
  }
  return false;
};

const align = async (
  node: NodeName,
  parts: readonly SentFrom[],
  nodes: OpenNodes,
): Promise<SchemaAlignment> => {
  // Few plans need the engine, which takes long to load.
  const { alignTables } = await import('../../schema/engine/align-tables.ts');
  const { readFacts } = await import('../../schema/engine/facts.ts');
  const published: SentByPublisher[] = [];
  for (const { source, tables } of parts) {
    published.push({ facts: await readFacts(sessionOf(source, nodes)), tables });
  }
  const session = sessionOf(node, nodes);
  return admit(session, alignTables(await readFacts(session), published));
};

/** Adds to what was read what brings its subscribers in line. */
export const alignSchemas = async (
  live: LiveState,
  { desired }: Project,
  nodes: OpenNodes,
): Promise<LiveState> => {
  const alignments: [NodeName, SchemaAlignment][] = [];
  for (const [node, parts] of Object.entries(tablesToAlign(desired, live))) {
    if (!(await needsEngine(node, parts, nodes))) continue;
    alignments.push([node, await align(node, parts, nodes)]);
  }
  return alignments.length === 0 ? live : { ...live, alignments: Object.fromEntries(alignments) };
};
