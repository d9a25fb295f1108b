// What a primitive asks for, from the words of the command line to one change of a plan. Pure.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { PlanOptions } from '../../model/plan/plan.ts';
import type { Registration, SingleChange } from '../../model/plan/single-change.ts';
import { addressOf, type NodeName } from '../../model/state/address.ts';
import { type PublishOperation, publishOperations } from '../../model/state/resource.ts';
import type { DesiredPublication, TableSelector } from '../../model/state/state.ts';
import { reinitTables } from '../init/reinit-addresses.ts';
import { readWanted, type WantedText } from '../plan/wanted-tables.ts';
import type { Project } from '../project.ts';
import {
  type CopySettings,
  type RequestedSubscription,
  slotName,
  withDesiredEdge,
} from './desired-edge.ts';
import type { PrimitivePlace } from './place.ts';

export interface RequestedPublication {
  readonly tables: readonly string[];
  readonly schemas: readonly string[];
  /** Empty: all. */
  readonly publish: readonly PublishOperation[];
  readonly viaPartitionRoot: boolean;
}

type Named = { readonly name: string };

/** The words of one command. */
export type Request =
  | ({ readonly do: 'create-publication' } & Named & RequestedPublication)
  | ({ readonly do: 'create-subscription' } & Named & RequestedSubscription)
  | ({ readonly do: 'create-slot'; readonly plugin: string } & Named)
  | ({ readonly do: 'create-origin' } & Named)
  | ({
      readonly do: 'drop';
      readonly kind: 'publication' | 'subscription' | 'slot' | 'origin' | 'node';
      readonly keepSlot: boolean;
    } & Named)
  | ({ readonly do: 'add-tables' | 'remove-tables'; readonly tables: readonly string[] } & Named)
  | ({ readonly do: 'enable' | 'disable' } & Named)
  | ({ readonly do: 'refresh'; readonly copyData: boolean } & Named)
  /** Null, both: everything, with the subscription and its slot. */
  | ({ readonly do: 'reset'; readonly wanted: WantedText } & Named & CopySettings)
  /** `publications`: needed where the subscription is not there yet. */
  | ({ readonly do: 'cancel' } & Named & Pick<RequestedSubscription, 'publications' | 'slot'>)
  | ({ readonly do: 'advance'; readonly kind: 'slot' | 'origin'; readonly lsn: string } & Named)
  | ({ readonly do: 'register' } & Named & Registration);

export interface Asked {
  readonly change: SingleChange;
  /** With what is created, as desired. */
  readonly project: Project;
  /** What the plan is asked for beside the change. */
  readonly options?: Pick<PlanOptions, 'reinit' | 'cancel'>;
  /** Of what fills tables of a subscription that is there; absent: as PostgreSQL copies them. */
  readonly copy?: CopySettings;
}

const usage = (message: string, ...suggestions: readonly string[]): SteepError =>
  new SteepError('USAGE', message, { exit: ExitCode.usage, suggestions });

type By<D extends Request['do']> = Request & { readonly do: D };

const tableChange = (
  request: By<'add-tables' | 'remove-tables'>,
  { node }: PrimitivePlace,
): SingleChange => ({
  verb: request.do,
  address: addressOf(node, 'publication', request.name),
  tables: readWanted({ tables: request.tables, schemas: null }).tables ?? [],
});

const switching = (request: By<'enable' | 'disable'>, { node }: PrimitivePlace): SingleChange => ({
  verb: request.do,
  address: addressOf(node, 'subscription', request.name),
});

type MadeOf<D extends Request['do']> = (request: By<D>, place: PrimitivePlace) => SingleChange;

/** What is created by a definition is not among them. */
const changes: {
  readonly [D in Exclude<
    Request['do'],
    'create-publication' | 'create-subscription' | 'reset' | 'cancel'
  >]: MadeOf<D>;
} = {
  'create-slot': ({ name, plugin }, { node }) => ({
    verb: 'create-slot',
    address: addressOf(node, 'slot', slotName(name)),
    plugin,
  }),
  'create-origin': ({ name }, { node }) => ({
    verb: 'create-origin',
    address: addressOf(node, 'origin', name),
  }),
  drop: ({ kind, name, keepSlot }, { node }) => ({
    verb: 'drop',
    address: addressOf(node, kind, name),
    keepSlot,
  }),
  'add-tables': tableChange,
  'remove-tables': tableChange,
  enable: switching,
  disable: switching,
  refresh: ({ name, copyData }, { node }) => ({
    verb: 'refresh',
    address: addressOf(node, 'subscription', name),
    copyData,
  }),
  advance: ({ kind, name, lsn }, { node }) => ({
    verb: 'advance',
    address: addressOf(node, kind, name),
    lsn,
  }),
  register: (request, { node }) => registered(request, node),
};

/** @throws SteepError USAGE (exit 64) for names that SQL does not read, and where something is missing. */
export const askedFor = (request: Request, place: PrimitivePlace): Asked => {
  if (request.do === 'create-publication') return newPublication(request, place);
  if (request.do === 'create-subscription') {
    const address = addressOf(place.node, 'subscription', request.name);
    const project = withDesiredEdge(request, place);
    return { change: { verb: 'create-subscription', address }, project };
  }
  if (request.do === 'reset') return resetting(request, place);
  if (request.do === 'cancel') return cancelling(request, place);
  const made = changes[request.do] as MadeOf<Request['do']>;
  return { change: made(request, place), project: place.project };
};

const resetting = (
  { name, wanted, method, workers, schemaSync }: By<'reset'>,
  { node, project }: PrimitivePlace,
): Asked => {
  const address = addressOf(node, 'subscription', name);
  const tables = reinitTables(node, name, wanted);
  return {
    change: { verb: 'reset', address, full: tables === null },
    project,
    options: { reinit: tables ?? [address] },
    copy: { method, workers, schemaSync },
  };
};

/** Desired as it was asked for, in case that it is not there yet; what is there is told by the server. */
const cancelling = ({ name, publications, slot }: By<'cancel'>, place: PrimitivePlace): Asked => {
  const settings = { method: 'parallel', workers: null, schemaSync: null } as const;
  const wanted = { ...settings, name, publications, slot, enabled: true, options: {} };
  const project = withDesiredEdge(wanted, place);
  const address = addressOf(place.node, 'subscription', name);
  return { change: { verb: 'cancel', address }, project, options: { cancel: [address] } };
};

const registered = (
  { name, title, host, port, priority }: { readonly name: string } & Registration,
  node: NodeName,
): SingleChange => ({
  verb: 'register',
  address: addressOf(node, 'node', name),
  title,
  host,
  port,
  priority,
});

const newPublication = (
  { name, tables, schemas, publish, viaPartitionRoot }: Named & RequestedPublication,
  { project, node }: PrimitivePlace,
): Asked => {
  const wanted = readWanted({ tables, schemas });
  const selectors = (wanted.tables ?? []).map(
    (table): TableSelector => ({
      kind: 'table',
      table,
      columns: null,
      where: null,
      identity: null,
    }),
  );
  const publication: DesiredPublication = {
    node,
    name,
    tables: selectors,
    schemas: wanted.schemas ?? [],
    publish: publishOperations.filter((it) => publish.length === 0 || publish.includes(it)),
    viaPartitionRoot,
    generatedColumns: 'none',
    protect: false,
    source: 'command line',
  };
  if (selectors.length + publication.schemas.length === 0) {
    throw usage('A publication needs at least one table.', '--tables TABLE,… or --schemas NAME,…');
  }
  return {
    change: { verb: 'create-publication', address: addressOf(node, 'publication', name) },
    project: {
      ...project,
      desired: { ...project.desired, publications: [publication] },
    },
  };
};
