// Where the primitives work, and how a change of one is agreed to and run.

import { Args, Flags } from '@oclif/core';
import { runFlags } from './apply-flags.ts';
import { usage } from './flags.ts';
import { connectionFlag, nodeChoiceFlags, peerChoiceFlags } from './schema-flags.ts';

export { copyMethods } from '../../model/copy/copy-method.ts';
export { schemaSyncs } from '../../model/schema/schema-change.ts';
export { publishOperations } from '../../model/state/resource.ts';
export { lsnFlag } from './flags.ts';

/** One node: of steep.yaml, or of a connection. */
export const placeFlags = {
  ...nodeChoiceFlags,
  as: Flags.string({
    summary:
      'A name for the node of --connection; default: the one that it is registered with, or target.',
    helpValue: 'NAME',
    exclusive: ['node'],
  }),
};

/** Also the other end of its edges. */
export const edgePlaceFlags = {
  ...placeFlags,
  'peer-connection': peerChoiceFlags['peer-connection'],
};

/** Of commands that read a topology: without a file, that of these databases. */
export const sourceFlags = {
  connection: Flags.string({
    char: 'c',
    summary: 'Look at this database; steep.yaml is not read.',
    helpValue: 'URI',
  }),
  as: Flags.string({
    summary:
      'A name for the node of --connection; default: the one that it is registered with, or target.',
    helpValue: 'NAME',
    dependsOn: ['connection'],
  }),
  'peer-connection': Flags.string({
    summary: 'Another database, for the edges between both.',
    helpValue: 'URI',
    dependsOn: ['connection'],
  }),
};

/** The path of the file, or the databases. */
export const projectSource = (flags: PlaceFlags) =>
  flags.connection === undefined ? flags.config : placeOf(flags);

const { 'verify-with': _verifyWith, ...changing } = runFlags;

/** Of every primitive that changes something. */
export const changeFlags = {
  'dry-run': Flags.boolean({
    summary: 'Only print the plan: read-only; with --json, the plan as a document.',
    default: false,
  }),
  ...changing,
};

export const nameArg = (what: string) => ({
  name: Args.string({ description: `The name of the ${what}.`, required: true }),
});

export const tablesFlag = Flags.string({
  summary: 'Tables, as SQL names them; without a schema they are in public.',
  helpValue: 'TABLE,…',
  multiple: true,
  delimiter: ',',
});

export const requiredTablesFlag = Flags.string({
  summary: 'Tables, as SQL names them; without a schema they are in public.',
  helpValue: 'TABLE,…',
  multiple: true,
  delimiter: ',',
  required: true,
});

/** `binary=true` */
export const optionFlag = Flags.custom<readonly [string, string]>({
  helpValue: 'NAME=VALUE',
  parse: (input) => {
    const at = input.indexOf('=');
    return at < 1
      ? Promise.reject(usage(`"${input}" is not NAME=VALUE.`, 'Write it as binary=true.'))
      : Promise.resolve([input.slice(0, at), input.slice(at + 1)] as const);
  },
});

/** Of the commands on a registered node, which its argument names. */
export const connectionOnly = { connection: connectionFlag };

/** A connection leads to the node of that name; without one, it is of steep.yaml. */
export const ofNode = <F extends { readonly connection?: string | undefined }>(
  name: string,
  flags: F,
) => (flags.connection === undefined ? { ...flags, node: name } : { ...flags, as: name });

export interface PlaceFlags {
  readonly config: string;
  readonly node?: string | undefined;
  readonly connection?: string | undefined;
  readonly as?: string | undefined;
  readonly peer?: string | undefined;
  readonly 'peer-connection'?: string | undefined;
}

/** As the workflows take it. */
export const placeOf = (flags: PlaceFlags) => ({
  file: flags.config,
  node: flags.node ?? null,
  connection: flags.connection ?? null,
  as: flags.as ?? null,
  peer: flags.peer ?? null,
  peerConnection: flags['peer-connection'] ?? null,
});
