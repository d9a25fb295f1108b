// Changes that all tables of a subscription may lack: to copy some of them again brings no row of the others.

import { sayGaps } from '../../../model/edge/edge-gap-text.ts';
import { formatName } from '../../../model/identifier.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import { have, isKind, type PlanContext } from '../../context/context.ts';
import type { Reinit } from '../../context/reinit-stage.ts';

type Begun = Pick<Reinit, 'sub' | 'live' | 'stage' | 'tables'>;

/** The slot is ahead of the WAL: what is written until the WAL reaches it is sent to no table, copied again or not. */
const isAhead = ({ live }: Begun, context: PlanContext): boolean => {
  const { source, slot } = live.spec;
  const found = have(context, 'slot', source ?? '', slot ?? '');
  return (found?.observed?.lagBytes ?? 0) < 0;
};

const reinit = 'steep apply --reinit ';

/** Each command that the record names is that of a table which is still known to lack rows; it names at least one. */
const isOfTables = (error: string | null, { live }: Begun, context: PlanContext): boolean => {
  const { address, node, name, spec } = live;
  const gaps = sayGaps(context.live.edgeGaps?.[address] ?? [], {
    node,
    name,
    source: spec.source ?? '',
  });
  const patterns = gaps
    .filter((gap) => gap.address !== address)
    .map(({ command }) => command.slice(reinit.length));
  const [, ...named] = (error ?? '').split(reinit);
  return (
    named.length > 0 &&
    named.every((text) => patterns.some((it) => text === it || text.startsWith(`${it} `)))
  );
};

const hasAll = ({ live, tables }: Begun, context: PlanContext): boolean => {
  const names = new Set(tables.map(formatName));
  return [...context.have.values()]
    .filter(isKind('copy'))
    .filter(({ node, spec }) => node === live.node && spec.subscription === live.name)
    .every(({ spec }) => names.has(formatName(spec.table)));
};

/** Why to copy only these tables again would not do; null: it would. What has begun comes to its end. */
export const lostByOthers = (begun: Begun, context: PlanContext): string | null => {
  const { sub, live, stage } = begun;
  if (stage !== 'asked') return null;
  if (isAhead(begun, context))
    return `its slot is ahead of the WAL of node ${sub.spec.source ?? '?'}, which was restored to an earlier state: no table gets what is written there until the WAL reaches the slot`;
  const lost = context.live.nodes[live.node]?.lostChanges?.find(
    ({ subscription }) => subscription === live.name,
  );
  if (lost === undefined || hasAll(begun, context) || isOfTables(lost.error, begun, context))
    return null;
  return 'it lacks changes since an earlier fault (INIT_DIVERGED), and any of its tables may: the others would still lack them';
};

/** The command that brings all of them. */
export const wholeAgain = ({ sub }: Begun): string =>
  steepCommand`steep apply --reinit ${sub.address}`;
