// What changes a subscription that is there may copy rows: the tables that it fills are looked into, and the run waits for them.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { SingleChange } from '../../model/plan/single-change.ts';
import { parseAddress } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { DesiredSubscription, InitMethod } from '../../model/state/state.ts';
import { asDeclared } from '../live-edge.ts';
import type { OpenNodes } from '../nodes.ts';
import { readCatalogs } from '../plan/read-live.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { withSubscription } from './desired-edge.ts';
import type { Asked } from './requested-change.ts';

type Subscription = ResourceOf<'subscription'>;

const filling: ReadonlySet<SingleChange['verb']> = new Set(['enable', 'refresh', 'reset']);

const withoutPublisher = ({ address, spec: { source } }: Subscription): SteepError =>
  new SteepError(
    'USAGE',
    `The publisher of ${address}${source === null ? '' : `, node ${source},`} is not one of the databases.`,
    { exit: ExitCode.usage, suggestions: ['--peer-connection URI'] },
  );

/** PostgreSQL copies what is enabled or refreshed. */
const methodOf = ({ change, copy }: Asked): InitMethod => {
  if (change.verb === 'refresh' && !change.copyData) return 'none';
  return copy?.method ?? 'native';
};

const settingsOf = (asked: Asked) => ({
  init: methodOf(asked),
  copyWorkers: asked.copy?.workers ?? 4,
  schemaSync: asked.copy?.schemaSync ?? ('strict' as const),
});

const connectionOf = (source: string, { project, copy }: Asked) => {
  const conninfo = project.connections.replication[source];
  const shown = copy === undefined || conninfo === undefined ? {} : { connection: conninfo.shown };
  return { secretInConnection: conninfo?.hasPassword === true, ...shown };
};

/** Null: its other end is not known, or was not read. */
const edgeOf = (
  subscription: Subscription,
  isRead: (node: string) => boolean,
  asked: Asked,
): DesiredSubscription | null => {
  const edge = asDeclared(subscription);
  return edge === null || !isRead(edge.source)
    ? null
    : { ...edge, ...settingsOf(asked), ...connectionOf(edge.source, asked) };
};

/** @throws SteepError USAGE (exit 64) for a reset without its publisher. */
export const withItsEdge = async (
  asked: Asked,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<Project> => {
  const { change, project } = asked;
  if (!filling.has(change.verb)) return project;
  const live = await readCatalogs(project, nodes, runtime);
  const { node } = parseAddress(change.address);
  const found = live.nodes[node]?.resources.find(({ address }) => address === change.address);
  if (found?.kind !== 'subscription') return project;
  const edge = edgeOf(found, (name) => live.nodes[name] !== undefined, asked);
  if (edge !== null) return withSubscription(project, edge);
  if (change.verb === 'reset') throw withoutPublisher(found);
  return project;
};
