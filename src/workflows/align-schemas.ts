// What subscribers with `schema_sync: auto` lack: the definitions of both ends, compared by the DDL engine.

import type { NodeName } from '../model/address.ts';
import type { SchemaAlignment } from '../model/schema-change.ts';
import type { LiveState } from '../model/state.ts';
import { type SentFrom, tablesToAlign } from '../planner/tables-to-align.ts';
import { alignTables } from '../schema/align-tables.ts';
import { type EngineFacts, readFacts } from '../schema/engine-facts.ts';
import type { OpenNodes } from './nodes.ts';
import type { Project } from './read-live.ts';

type Read = ReadonlyMap<NodeName, EngineFacts>;

const readAll = async (names: readonly NodeName[], nodes: OpenNodes): Promise<Read> =>
  new Map(
    await Promise.all(
      [...new Set(names)].map(async (name) => {
        const session = nodes.sessions.get(name);
        if (session === undefined) throw new Error(`node ${name} is not open`);
        return [name, await readFacts(session)] as const;
      }),
    ),
  );

const factsIn = (read: Read, node: NodeName): EngineFacts => {
  const found = read.get(node);
  if (found === undefined) throw new Error(`the definitions of ${node} were not read`);
  return found;
};

const align = (node: NodeName, parts: readonly SentFrom[], read: Read): SchemaAlignment =>
  alignTables(
    factsIn(read, node),
    parts.map(({ source, tables }) => ({ facts: factsIn(read, source), tables })),
  );

/** Adds to what was read what brings its subscribers in line. */
export const alignSchemas = async (
  live: LiveState,
  { desired }: Project,
  nodes: OpenNodes,
): Promise<LiveState> => {
  const tasks = Object.entries(tablesToAlign(desired, live));
  if (tasks.length === 0) return live;
  const names = tasks.flatMap(([node, parts]) => [node, ...parts.map(({ source }) => source)]);
  const read = await readAll(names, nodes);
  const alignments = tasks.map(([node, parts]) => [node, align(node, parts, read)] as const);
  return { ...live, alignments: Object.fromEntries(alignments) };
};
