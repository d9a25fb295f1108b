// What a command names in vain: each fault is a finding of the plan, beside all others.

import canonicalize from 'canonicalize';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { compareText, formatName, type QualifiedName } from '../../model/identifier.ts';
import type { ChangeBy, SingleChange } from '../../model/plan/single-change.ts';
import { parseAddress } from '../../model/state/address.ts';
import type { Resource } from '../../model/state/resource.ts';
import { steepCommand } from '../../model/steep-command.ts';
import { type PlanContext, tableOf } from '../context/context.ts';
import { originAt } from './requested-steps.ts';

const error = (
  { address }: SingleChange,
  fault: Pick<Diagnostic, 'code' | 'summary' | 'detail' | 'suggestions'>,
): Diagnostic => ({ severity: 'error', address, ...fault });

const words: Readonly<Record<string, string>> = { node: 'registered node' };

/** Names of the same kind on the node, to choose from. */
const there = (change: SingleChange, { have }: PlanContext): readonly string[] => {
  const { node, kind } = parseAddress(change.address);
  return [...have.values()]
    .filter((it) => it.node === node && it.kind === kind)
    .map(({ name }) => name)
    .toSorted(compareText);
};

const notThere = (change: SingleChange, context: PlanContext): Diagnostic => {
  const { node, kind, name } = parseAddress(change.address);
  const names = there(change, context);
  const what = words[kind] ?? kind;
  return error(change, {
    code: 'OBJECT_NOT_FOUND',
    summary: 'An object that the command names does not exist',
    detail: `Node ${node} has no ${what} ${name}.`,
    ...(names.length === 0 ? {} : { suggestions: [`There: ${names.join(', ')}.`] }),
  });
};

const otherwise = (change: SingleChange, cure: string): Diagnostic => {
  const { node, kind, name } = parseAddress(change.address);
  return error(change, {
    code: 'OBJECT_EXISTS',
    summary: 'An object of this name exists already, and is a different one',
    detail: `Node ${node} has a ${kind} ${name} already, and it is not as requested.`,
    suggestions: [cure],
  });
};

/** Of a subscription its options are those of the server where nothing is said. */
const sameSpec = (live: Resource, asked: Resource | undefined): boolean =>
  canonicalize(live.spec) === canonicalize(asked?.spec);

const cures: Readonly<Record<string, string>> = {
  publication:
    'Change its tables with steep replication pub add-tables and remove-tables, or choose another name.',
  subscription: 'Choose another name, or drop that one first: steep replication sub drop NAME',
  slot: 'Choose another name, or drop that one first: steep replication slot drop NAME',
};

const creating = (
  change: SingleChange,
  asked: Resource | undefined,
  context: PlanContext,
): readonly Diagnostic[] => {
  const live = context.have.get(change.address);
  const cure = cures[parseAddress(change.address).kind] ?? '';
  if (live !== undefined) return sameSpec(live, asked) ? [] : [otherwise(change, cure)];
  return asked?.kind === 'subscription' ? unpublished(change, asked.spec, context) : [];
};

const unpublished = (
  change: SingleChange,
  { source, publications }: Extract<Resource, { readonly kind: 'subscription' }>['spec'],
  { have }: PlanContext,
): readonly Diagnostic[] =>
  publications
    .filter((name) => !have.has(`${source}/publication.${name}`))
    .map((name) =>
      error(change, {
        code: 'OBJECT_NOT_FOUND',
        summary: 'An object that the command names does not exist',
        detail: `Node ${source} has no publication ${name}.`,
        suggestions: [
          `Create it first: ${steepCommand`steep replication pub create ${name} --tables TABLE,…`}`,
        ],
      }),
    );

const tableFaults = (
  change: SingleChange & { readonly tables: readonly QualifiedName[] },
  context: PlanContext,
): readonly Diagnostic[] => {
  const live = context.have.get(change.address);
  if (live?.kind !== 'publication') return [notThere(change, context)];
  if (live.spec.allTables) {
    const detail = `Publication ${live.name} on node ${live.node} is FOR ALL TABLES: it has no list of tables.`;
    const suggestions = ['Declare it in steep.yaml with tables: "*"; the plan replaces it then.'];
    const summary = 'The publication has no list of tables';
    return [error(change, { code: 'PUBLICATION_OF_ALL', summary, detail, suggestions })];
  }
  if (change.verb === 'remove-tables') return [];
  return change.tables
    .filter((table) => tableOf(context, live.node, table) === undefined)
    .map((table) =>
      error(change, {
        code: 'TABLE_NOT_FOUND',
        summary: 'A published table does not exist',
        detail: `${formatName(table)} is not an ordinary table of node ${live.node}.`,
      }),
    );
};

/** PostgreSQL refuses to refresh a subscription that is disabled. */
const refreshFaults = (change: SingleChange, context: PlanContext): readonly Diagnostic[] => {
  const live = context.have.get(change.address);
  if (live?.kind !== 'subscription') return [notThere(change, context)];
  if (live.spec.enabled) return [];
  return [
    error(change, {
      code: 'SUBSCRIPTION_DISABLED',
      summary: 'A disabled subscription cannot be refreshed',
      detail: `Subscription ${live.name} on node ${live.node} is disabled.`,
      suggestions: [`Enable it first: ${steepCommand`steep replication sub enable ${live.name}`}`],
    }),
  ];
};

/** `asked`: what the desired state has at the address of the change. */
type Judge<V extends SingleChange['verb']> = (
  change: ChangeBy<V>,
  asked: Resource | undefined,
  context: PlanContext,
) => readonly Diagnostic[];

const none = (): readonly Diagnostic[] => [];

const otherPlugin: Judge<'create-slot'> = (change, _asked, context) => {
  const live = context.have.get(change.address);
  const other = live?.kind === 'slot' && live.spec.plugin !== change.plugin;
  return other ? [otherwise(change, cures.slot ?? '')] : [];
};

const missing = (
  change: SingleChange,
  _asked: Resource | undefined,
  context: PlanContext,
): readonly Diagnostic[] =>
  context.have.has(change.address) || originAt(change, context) !== undefined
    ? []
    : [notThere(change, context)];

const judges: { readonly [V in SingleChange['verb']]: Judge<V> } = {
  'create-publication': creating,
  'create-subscription': creating,
  'create-slot': otherPlugin,
  'create-origin': none,
  drop: none,
  'add-tables': (change, _asked, context) => tableFaults(change, context),
  'remove-tables': (change, _asked, context) => tableFaults(change, context),
  enable: missing,
  disable: missing,
  refresh: (change, _asked, context) => refreshFaults(change, context),
  reset: missing,
  cancel: none,
  advance: missing,
  register: none,
};

/** Nothing is said of a node that was not read. */
export const singleErrors = (
  change: SingleChange,
  asked: Resource | undefined,
  context: PlanContext,
): readonly Diagnostic[] => {
  if (context.live.nodes[parseAddress(change.address).node] === undefined) return [];
  const judge = judges[change.verb] as Judge<SingleChange['verb']>;
  return judge(change, asked, context);
};
