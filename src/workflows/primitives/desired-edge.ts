// A subscription that a command names, as steep.yaml would declare it. Pure.

import type { CopyMethod } from '../../model/copy/copy-method.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { SchemaSync } from '../../model/schema/schema-change.ts';
import type { DesiredSubscription } from '../../model/state/state.ts';
import { toSlotName } from '../../topology/resolve/slot-name.ts';
import type { Project } from '../project.ts';
import type { PrimitivePlace } from './place.ts';

/** How rows are copied. */
export interface CopySettings {
  readonly method: CopyMethod;
  readonly workers: number | null;
  readonly schemaSync: SchemaSync | null;
}

export interface RequestedSubscription extends CopySettings {
  readonly publications: readonly string[];
  /** Null: called as the subscription. */
  readonly slot: string | null;
  readonly enabled: boolean;
  readonly options: Readonly<Record<string, string>>;
}

type NewSubscription = RequestedSubscription & { readonly name: string };

const usage = (message: string, ...suggestions: readonly string[]): SteepError =>
  new SteepError('USAGE', message, { exit: ExitCode.usage, suggestions });

/** @throws SteepError USAGE (exit 64) for what cannot be the name of one. */
export const slotName = (name: string): string => {
  if (toSlotName(name) === name) return name;
  throw usage(
    `${name} is not a name of a slot.`,
    'It may have lower-case letters, digits and underscores, at most 63.',
  );
};

/** The edge that a command asks for, as the only one that is desired. @throws SteepError USAGE (exit 64). */
export const withDesiredEdge = (
  request: NewSubscription,
  { project, node, peer }: PrimitivePlace,
): Project => {
  const { name, publications, slot, enabled, method, workers, schemaSync, options } = request;
  if (peer === null) {
    throw usage(
      'The command does not say which node the subscription reads from.',
      '--peer NAME, of steep.yaml',
      '--peer-connection URI',
    );
  }
  const conninfo = project.connections.replication[peer];
  const isSeparate = conninfo?.text !== project.connections.own[peer]?.text;
  const subscription: DesiredSubscription = {
    node,
    name,
    source: peer,
    publications: [...publications].sort(),
    slot: slot === null ? toSlotName(name) : slotName(slot),
    enabled,
    options,
    init: method,
    copyWorkers: workers ?? 4,
    schemaSync: schemaSync ?? 'strict',
    protect: false,
    secretInConnection: conninfo?.hasPassword === true,
    ...(conninfo === undefined ? {} : { connection: conninfo.shown }),
    ...(isSeparate ? { replicationConnection: true as const } : {}),
    origin: 'command line',
    pair: null,
  };
  return withSubscription(project, subscription);
};

export const withSubscription = (project: Project, subscription: DesiredSubscription): Project => ({
  ...project,
  desired: { ...project.desired, subscriptions: [subscription] },
});
