// The flags of the schema commands: which nodes, which tables.

import { Flags } from '@oclif/core';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';

const connectionNote = 'A URI or key=value text; steep.yaml is not read.';

export const connectionFlag = Flags.string({
  char: 'c',
  summary: `A database instead of --node. ${connectionNote}`,
  helpValue: 'URI',
});

/** The one node of a command. */
export const nodeChoiceFlags = {
  node: Flags.string({
    char: 'n',
    summary: 'A node of steep.yaml.',
    helpValue: 'NAME',
    exclusive: ['connection'],
  }),
  connection: connectionFlag,
};

/** The other node of a comparison. */
export const peerChoiceFlags = {
  peer: Flags.string({
    summary: 'The node of steep.yaml to compare with, read as the subscriber.',
    helpValue: 'NAME',
    exclusive: ['peer-connection'],
  }),
  'peer-connection': Flags.string({
    summary: `A database instead of --peer. ${connectionNote}`,
    helpValue: 'URI',
  }),
};

/** Which tables. */
export const tableFlags = {
  tables: Flags.string({
    summary: 'These tables only, as SQL names them; without a schema they are in public.',
    helpValue: 'TABLE,…',
    multiple: true,
    delimiter: ',',
    exclusive: ['schema', 'all'],
  }),
  schema: Flags.string({
    summary: 'The tables of this schema only. Repeatable.',
    helpValue: 'NAME',
    multiple: true,
    exclusive: ['all'],
  }),
  all: Flags.boolean({ summary: 'All tables: the same as without --tables and --schema.' }),
};

interface ChoiceFlags {
  readonly node?: string | undefined;
  readonly connection?: string | undefined;
}

/** Neither: libpq's variables say where. */
export const nodeChoice = ({ node, connection }: ChoiceFlags) => ({
  node: node ?? null,
  connection: connection ?? null,
  as: 'local',
});

interface PeerFlags {
  readonly peer?: string | undefined;
  readonly 'peer-connection'?: string | undefined;
}

/** @throws SteepError USAGE where neither is given. */
export const peerChoice = (flags: PeerFlags) => {
  const { peer: node, 'peer-connection': connection } = flags;
  if (node === undefined && connection === undefined) {
    throw missing('--peer NAME', '--peer-connection URI');
  }
  return { node: node ?? null, connection: connection ?? null, as: 'peer' };
};

interface CaptureFlags {
  readonly node?: readonly string[] | undefined;
  readonly connection?: string | undefined;
  readonly as?: string | undefined;
}

/** Null: every node of the file. @throws SteepError USAGE where a connection has no name. */
export const capturedNodes = ({ node, connection, as }: CaptureFlags) => {
  if (connection === undefined) {
    return node?.map((name) => ({ node: name, connection: null, as: name })) ?? null;
  }
  if (as === undefined) {
    const message = 'Give the node of --connection a name with --as NAME.';
    throw new SteepError('USAGE', message, { exit: ExitCode.usage });
  }
  return [{ node: null, connection, as }];
};

interface TableFlags {
  readonly tables?: readonly string[] | undefined;
  readonly schema?: readonly string[] | undefined;
}

export const wantedTables = ({ tables, schema }: TableFlags) => ({
  tables: tables ?? null,
  schemas: schema ?? null,
});

const missing = (name: string, uri: string): SteepError =>
  new SteepError('USAGE', `Use ${name} or ${uri}.`, { exit: ExitCode.usage });
