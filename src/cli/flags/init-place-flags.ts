// The init commands without steep.yaml: between two databases, about one subscription that the flags name.

import { Flags } from '@oclif/core';
import { usage } from './flags.ts';

const withoutFile = 'Without steep.yaml: ';

export const initPlaceFlags = {
  connection: Flags.string({
    char: 'c',
    summary: 'The database of NODE; steep.yaml is not read. Default: PGHOST, PGDATABASE, …',
    helpValue: 'URI',
  }),
  'peer-connection': Flags.string({
    summary: `${withoutFile}the database that NODE is filled from.`,
    helpValue: 'URI',
  }),
  subscription: Flags.string({ summary: `${withoutFile}the subscription.`, helpValue: 'NAME' }),
};

/** Of a subscription that need not be there. */
export const newEdgeFlags = {
  publication: Flags.string({
    summary: `${withoutFile}a publication that the subscription reads; repeatable.`,
    helpValue: 'NAME,…',
    multiple: true,
    delimiter: ',',
  }),
  slot: Flags.string({
    summary: `${withoutFile}the name of its slot; default: that of the subscription.`,
    helpValue: 'NAME',
  }),
};

interface InitPlaceFlags {
  readonly config: string;
  readonly connection?: string | undefined;
  readonly 'peer-connection'?: string | undefined;
  readonly subscription?: string | undefined;
  readonly publication?: readonly string[] | undefined;
  readonly slot?: string | undefined;
  readonly from?: string | undefined;
}

/** What only says something without a file. */
const ofConnections = ['subscription', 'publication', 'slot'] as const;

/** Null: with steep.yaml. @throws SteepError USAGE (exit 64) where half of it is said. */
export const initPlace = (
  node: string,
  flags: InitPlaceFlags,
  alone: readonly (typeof ofConnections)[number][] = ofConnections,
) => {
  const { config, connection = null, 'peer-connection': peerConnection = null } = flags;
  if (connection === null && peerConnection === null) {
    const given = alone.find((name) => flags[name] !== undefined);
    if (given === undefined) return null;
    throw usage(`--${given} is for a command without steep.yaml.`, 'Add --connection URI.');
  }
  if (peerConnection === null) {
    throw usage('The command does not say where the rows come from.', '--peer-connection URI');
  }
  const { subscription: name, publication: publications = [], slot = null, from = null } = flags;
  if (name === undefined) {
    throw usage('The command does not say which subscription.', '--subscription NAME');
  }
  const place = {
    file: config,
    node: null,
    connection,
    as: node,
    peer: null,
    peerConnection,
    peerAs: from,
  };
  return { place, name, publications, slot };
};

/**
 * The same of a copy by hand, of the two nodes that the command names; null: with steep.yaml. Only where the node is filled
 * already (`complete`) its database is needed. @throws SteepError USAGE (exit 64) where half of it is said.
 */
export const manualPlace = (
  node: string,
  flags: InitPlaceFlags & { readonly from: string },
  complete: boolean,
) => {
  const found = initPlace(node, flags, ['publication']);
  if (found === null) return null;
  assertPublications(found.publications);
  if (complete || flags.connection !== undefined) return found;
  const { place } = found;
  const source = { ...place, connection: place.peerConnection, as: flags.from };
  return { ...found, place: { ...source, peerConnection: null, peerAs: null } };
};

/** Of prepare and complete, which name the subscription and the slot of the file by the same flags. */
export const manualPlaceFlags = {
  connection: initPlaceFlags.connection,
  'peer-connection': initPlaceFlags['peer-connection'],
  publication: newEdgeFlags.publication,
};

/** @throws SteepError USAGE (exit 64). */
export const assertPublications = (publications: readonly string[]): void => {
  if (publications.length > 0) return;
  throw usage('The command does not say what the subscription reads.', '--publication NAME');
};
