// What PostgreSQL's own copy does not tell, and that it copies where the file asks for steep.

import { formatName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { isKind, type PlanContext, tableOf } from '../../context/context.ts';
import { underWay } from '../../context/reinit-subscription.ts';
import { initMethods } from '../../init/methods/index.ts';
import { hazard } from '../hazard.ts';

type Copy = ResourceOf<'copy'>;
type Subscription = ResourceOf<'subscription'>;

/** Nothing tells whether the tables that it has finished still hold its rows. */
const finished = (sub: Subscription, context: PlanContext): readonly string[] => {
  const running = underWay(sub, context);
  if (running === undefined || !initMethods[running.method].byServer) return [];
  return [...context.have.values()]
    .filter(isKind('copy'))
    .filter(({ node, spec }) => node === sub.node && spec.subscription === sub.name)
    .filter(({ spec }) => spec.state === 'ready')
    .map(({ spec }) => formatName(spec.table));
};

/** Nothing tells afterwards which partitions the rows came from. */
const withPartitions = (
  copies: readonly Copy[],
  { spec: { source } }: Subscription,
  context: PlanContext,
): readonly string[] =>
  copies
    .filter(({ spec }) => {
      const table = source === null ? undefined : tableOf(context, source, spec.table);
      return table?.partitioned === true || (table?.parent ?? null) !== null;
    })
    .map(({ spec }) => formatName(spec.table));

/** `starting`, `running`: what PostgreSQL copies. What a copy that continues has finished counts too. */
export const nativeUnchecked = (
  starting: readonly Copy[],
  running: readonly Copy[],
  sub: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const { node, name, spec } = sub;
  const ready = running.length > 0 ? finished(sub, context) : [];
  const parts = withPartitions([...starting, ...running], sub, context);
  if (ready.length + parts.length === 0) return [];
  const sentences = [
    ...(ready.length === 0
      ? []
      : [
          `PostgreSQL has already copied ${listNames(ready)} for ${name}. Whether another session has changed or deleted rows of them on node ${node} since then is not checked: PostgreSQL does not record which rows it has copied.`,
        ]),
    ...(parts.length === 0
      ? []
      : [
          `PostgreSQL copies ${listNames(parts)} for ${name}. Rows of partitions that are attached or detached on node ${spec.source} until this copy is done may be missing on node ${node}, or too many: that is not checked.`,
        ]),
  ];
  return [
    hazard(
      'notice',
      'NATIVE_COPY_UNCHECKED',
      sub.address,
      sentences.join(' '),
      ready.length > 0
        ? `If a session other than the workers of ${name} has written to them, or partitions were attached or detached, copy them again when this copy is done: --reinit.`
        : 'Attach and detach no partitions meanwhile, or copy the table again when this copy is done: --reinit.',
    ),
  ];
};

/** The file asks for steep's own copy, and this one cannot be made so. `why` null: it does not ask. */
export const nativeInstead = (sub: Subscription, why: string | null): readonly FoundHazard[] =>
  why === null
    ? []
    : [
        hazard(
          'notice',
          'COPY_NATIVE',
          sub.address,
          `PostgreSQL copies the tables of ${sub.name}, each in one stream: ${why}.`,
          'The result is the same, but it takes longer. To accept it in steep.yaml: init: { copy: native }.',
        ),
      ];
