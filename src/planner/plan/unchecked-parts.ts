// What a plan could not compare although every node was read, since the connected role may not look: said, so that
// silence means "no difference". It depends on who plans, and is therefore no part of the plan's id.

import { compareText, formatName, quoteIdentifier } from '../../model/identifier.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { NodeState } from '../../model/state/state.ts';
import type { Unchecked } from '../../model/state/unchecked.ts';
import { isKind, type PlanContext, sourceOf } from '../context/context.ts';

/** By address. */
export const uncheckedParts = (context: PlanContext): readonly Unchecked[] =>
  [
    ...Object.values(context.live.nodes).flatMap((state) => [
      ...connections(state, context),
      ...rows(state),
      ...sessions(state, context),
      ...fileSettings(state, context),
    ]),
    ...slots(context),
  ].toSorted((a, b) => compareText(a.address, b.address) || compareText(a.what, b.what));

const roleOf = ({ server }: NodeState): string => quoteIdentifier(server.reader.name);

/** A subscription that is removed from steep.yaml, or that is not of it, is not compared anyway. */
const connections = (state: NodeState, { want, live }: PlanContext): readonly Unchecked[] =>
  state.resources
    .filter(isKind('subscription'))
    .filter(({ address }) => want.has(address))
    .filter(
      ({ observed }) => live.connectionsSkipped === true || observed?.secretInCatalog === null,
    )
    .map(({ address, spec }) => ({
      address,
      what: 'connection',
      why:
        live.connectionsSkipped === true
          ? 'connections are skipped (--skip-connections): changed passwords or addresses are shown in the plan of the role that applies'
          : whyUnread(spec.connection, roleOf(state)),
    }));

const whyUnread = (
  connection: ResourceOf<'subscription'>['spec']['connection'],
  role: string,
): string => {
  const how =
    connection === 'unknown'
      ? 'and steep has not written it'
      : 'so steep.yaml is compared with what steep wrote last; later changes by others are not detected';
  return `role ${role} may not read it, ${how}. To compare it, including a password in it: GRANT SELECT (subconninfo) ON pg_catalog.pg_subscription TO ${quoteIdentifier(role)};`;
};

const rows = (state: NodeState): readonly Unchecked[] =>
  state.tables
    .filter(({ rowsUnread }) => rowsUnread === true)
    .map(({ name }) => ({
      address: `${state.node}/table.${formatName(name)}`,
      what: 'whether it holds rows',
      why: `role ${roleOf(state)} may not read that, so the table is treated as not empty. Without row security, this is enough: GRANT SELECT (tableoid) ON ${formatName(name)} TO ${roleOf(state)};`,
    }));

/** Where nothing is asked of a node, its sessions are not waited for. */
const sessions = (state: NodeState, { want }: PlanContext): readonly Unchecked[] => {
  const { reader } = state.server;
  const isUsed = [...want.values()].some(({ node }) => node === state.node);
  if (!isUsed || reader.superuser || reader.statistics) return [];
  return [
    {
      address: `${state.node}/node.${state.node}`,
      what: 'sessions of other roles',
      why: `role ${roleOf(state)} does not see them: open transactions that delay a slot, walsenders and leftover slots are not known. GRANT pg_read_all_stats TO ${roleOf(state)};`,
    },
  ];
};

/** Files may hold passwords of the server: reading them is not granted. */
const fileSettings = (state: NodeState, { want }: PlanContext): readonly Unchecked[] => {
  const subscribes = [...want.values()].some(
    ({ kind, node }) => kind === 'subscription' && node === state.node,
  );
  if (!subscribes || state.server.reader.fileSettings) return [];
  return [
    {
      address: `${state.node}/node.${state.node}`,
      what: 'settings in the configuration files',
      why: `role ${roleOf(state)} may not read them: whether they make the workers of subscriptions change values (WORKER_SETTING) is known for roles and databases only`,
    },
  ];
};

const slots = (context: PlanContext): readonly Unchecked[] =>
  (context.live.untried ?? []).flatMap((address) => {
    const sub = context.have.get(address);
    const source = sub?.kind === 'subscription' ? sourceOf(sub, context) : null;
    const state = context.live.nodes[source ?? ''];
    if (state === undefined) return [];
    return [
      {
        address,
        what: 'whether its publications existed at the position of its slot',
        why: `reading a slot of node ${state.node} needs REPLICATION, which role ${roleOf(state)} does not have. Run steep plan with a role that has it, such as the one that applies`,
      },
    ];
  });
