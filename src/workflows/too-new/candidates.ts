// Which edges have a slot that can be tried, and with which publications.

import type { SlotReader } from '../../catalog/too-new/read-slot-readers.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Resource, ResourceOf } from '../../model/state/resource.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import type { Session } from '../../postgres/session.ts';
import type { OpenNodes } from '../nodes.ts';
import type { Project } from '../project.ts';

type Subscription = ResourceOf<'subscription'>;

/** An edge whose slot is to be tried. */
export interface Candidate {
  readonly sub: Subscription;
  readonly source: NodeName;
  readonly slot: string;
  readonly session: Session;
  readonly publications: readonly string[];
}

const publicationsOn = (live: LiveState, node: NodeName): ReadonlySet<string> =>
  new Set(
    (live.nodes[node]?.resources ?? []).flatMap((it: Resource) =>
      it.kind === 'publication' ? [it.name] : [],
    ),
  );

/** What it reads; where that does not exist any more, what it is to read instead. */
const listOf = (
  sub: Subscription,
  source: NodeName,
  desired: DesiredState,
  live: LiveState,
): readonly string[] | null => {
  const there = publicationsOn(live, source);
  const wanted = desired.subscriptions.find(
    ({ node, name }) => node === sub.node && name === sub.name,
  );
  const lists = [sub.spec.publications, ...(wanted === undefined ? [] : [wanted.publications])];
  return lists.find((list) => list.length > 0 && list.every((name) => there.has(name))) ?? null;
};

/** Subscriptions whose source is open. */
export const candidatesIn = (
  { desired }: Project,
  live: LiveState,
  { sessions }: OpenNodes,
): readonly Candidate[] =>
  Object.values(live.nodes).flatMap(({ resources }) =>
    resources.flatMap((sub) => {
      if (sub.kind !== 'subscription') return [];
      const { source, slot } = sub.spec;
      const session = sessions.get(source ?? '');
      if (source === null || slot === null || session === undefined) return [];
      const publications = listOf(sub, source, desired, live);
      return publications === null ? [] : [{ sub, source, slot, session, publications }];
    }),
  );

/** What it reads does not exist any more, at least in part: what it is to read is tried. */
export const readsFormer = ({ sub, publications }: Candidate): boolean =>
  sub.spec.publications.join('\n') !== publications.join('\n');

export const readerOf = ({ slot, publications }: Candidate): SlotReader => ({ slot, publications });
