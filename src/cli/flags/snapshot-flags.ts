// The flags of the snapshot commands: which node, and which snapshot.

import { Args, Flags } from '@oclif/core';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { connectionFlag } from './schema-flags.ts';

/** The node that snapshots are on record on; every node of the file unless told. */
export const recordFlags = (unlessTold: string) => ({
  node: Flags.string({
    summary: `A node of steep.yaml; default: ${unlessTold}.`,
    helpValue: 'NAME',
    exclusive: ['connection'],
  }),
  connection: connectionFlag,
});

export const snapshotArg = {
  snapshot: Args.string({
    description: 'Its directory, its s3://BUCKET/PREFIX, or its id, if it is on record.',
    required: true,
  }),
};

interface RecordFlags {
  readonly node?: string | undefined;
  readonly connection?: string | undefined;
}

/** Null: neither is given. */
export const recordNode = ({ node, connection }: RecordFlags) =>
  node === undefined && connection === undefined
    ? null
    : { node: node ?? null, connection: connection ?? null, as: node ?? 'source' };

/** @throws SteepError USAGE where both a place and what is on record are asked for. */
export const assertOneList = (
  place: string | undefined,
  flags: RecordFlags & { readonly deleted: boolean },
): void => {
  if (place === undefined || (recordNode(flags) === null && !flags.deleted)) return;
  throw new SteepError(
    'USAGE',
    'Snapshots at a location and snapshots on record are two separate lists.',
    {
      exit: ExitCode.usage,
      suggestions: ['Leave out the location, or leave out --node, --connection and --deleted.'],
    },
  );
};
