// What a subscription gets, from which tables of the publisher into which of its own: as the plan will have it, or as it is.

import type { PublicationSpec, PublishedTable, ResourceOf } from '../../../model/state/resource.ts';
import type { LiveState } from '../../../model/state/state.ts';
import { effectiveTables, type TableIndex } from '../../complete/published-tables.ts';
import { type PlanContext, want } from '../../context/context.ts';

type Subscription = ResourceOf<'subscription'>;

export interface SentToEdge {
  readonly sub: Subscription;
  readonly source: string;
  readonly specs: readonly PublicationSpec[];
  readonly tables: readonly PublishedTable[];
  readonly published: TableIndex;
  readonly own: TableIndex;
}

type SpecOf = (publication: string) => PublicationSpec | undefined;

const sent = (
  sub: Subscription,
  tables: ReadonlyMap<string, TableIndex>,
  specOf: SpecOf,
): SentToEdge | null => {
  const source = sub.spec.source ?? '';
  const [published, own] = [tables.get(source), tables.get(sub.node)];
  if (published === undefined || own === undefined) return null;
  const specs = sub.spec.publications.flatMap((name) => specOf(name) ?? []);
  return { sub, source, specs, tables: effectiveTables(specs, published), published, own };
};

/** As the plan will have it; null: one of the ends could not be read. */
export const sentTo = (sub: Subscription, context: PlanContext): SentToEdge | null =>
  sent(
    sub,
    context.tables,
    (name) => want(context, 'publication', sub.spec.source ?? '', name)?.spec,
  );

/** As it is; null: one of the ends could not be read. */
export const sentNow = (
  sub: Subscription,
  live: LiveState,
  tables: ReadonlyMap<string, TableIndex>,
): SentToEdge | null => {
  const { resources = [] } = live.nodes[sub.spec.source ?? ''] ?? {};
  return sent(sub, tables, (name) => {
    const found = resources.find((it) => it.kind === 'publication' && it.name === name);
    return found?.kind === 'publication' ? found.spec : undefined;
  });
};

const changesRows = ({ publish }: PublicationSpec): boolean =>
  publish.includes('update') || publish.includes('delete');

/** What is sent with UPDATE or DELETE. */
export const sentWithChanges = ({ specs, published }: SentToEdge): readonly PublishedTable[] =>
  effectiveTables(specs.filter(changesRows), published);
