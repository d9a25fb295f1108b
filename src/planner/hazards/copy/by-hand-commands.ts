// The commands with which a user fills a node from a physical backup, from the slot to the proof.

import { Conninfo } from '../../../model/connection/conninfo.ts';
import { shellWord } from '../../../model/shell-word.ts';
import type { NodeName } from '../../../model/state/address.ts';
import type { DesiredSubscription } from '../../../model/state/state.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import { isKind, type PlanContext, serverOf } from '../../context/context.ts';
import { backupRecipes, type RecipeInput } from '../../init/backup-recipes.ts';

/** As words of a command. */
export const edgeArguments = ({ node, source, name }: DesiredSubscription): readonly string[] => [
  node,
  '--from',
  source,
  '--subscription',
  name,
];

/** As a shell word: the variable of the file, or where the server is. */
const connectionWord = (node: NodeName, { desired, live }: PlanContext): string => {
  const reference = desired.nodes.find(({ name }) => name === node)?.connectionRef ?? '';
  if (reference.startsWith('env:')) return `"$${reference.slice('env:'.length)}"`;
  const server = live.nodes[node]?.server;
  if (server === undefined) return `"host=HOST dbname=DATABASE"`;
  const { host, port, database, role } = server;
  return shellWord(
    new Conninfo({ host, port: String(port), dbname: database, user: role.name }).text,
  );
};

const recipeOf = (edge: DesiredSubscription, context: PlanContext): RecipeInput => {
  const { database, features } = serverOf(context, edge.source);
  const resources = context.live.nodes[edge.source]?.resources ?? [];
  return {
    edge,
    from: connectionWord(edge.source, context),
    to: connectionWord(edge.node, context),
    snapshot: null,
    tables: [],
    index: new Map(),
    database,
    subscriptions: resources.filter(isKind('subscription')).length,
    createSubscriber: features.createSubscriberTool,
  };
};

/** `prepare`: the slot is not there yet. */
export const commandsFor = (
  edge: DesiredSubscription,
  prepare: boolean,
  context: PlanContext,
): readonly string[] => {
  const recipes = backupRecipes(recipeOf(edge, context));
  const commandsOf = (tool: string): readonly string[] =>
    recipes.find((recipe) => recipe.tool === tool)?.commands ?? [];
  // Without a slot there is none to drop.
  const other = commandsOf('pg_createsubscriber').slice(prepare ? 1 : 0);
  return [
    ...(prepare ? [steepCommand`steep init prepare ${edgeArguments(edge)} --no-hold`] : []),
    ...commandsOf('pg_basebackup'),
    steepCommand`steep init complete ${edgeArguments(edge)}`,
    ...(other.length === 0 ? [] : ['# or, on a stopped standby, instead of all these:', ...other]),
  ];
};
