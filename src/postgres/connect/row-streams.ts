// The ways in which a connection copies rows, each counted as traffic.

import type { Client } from 'pg';
import { type RelayIn, type RelayOut, relayIn, relayOut } from '../copy-relay.ts';
import { type CopyIn, type CopyOut, copyIn, copyOut, type Submit } from '../copy-streams.ts';
import type { TrafficCounter } from '../watch/traffic.ts';

export interface RowStreams {
  readonly copyOut: (text: string) => CopyOut;
  readonly copyIn: (text: string) => CopyIn;
  readonly relayOut: (text: string) => RelayOut;
  readonly relayIn: (text: string) => RelayIn;
  /** Whether the server may wait for the rest of a message, and would take anything else for it. */
  readonly isCut: () => boolean;
}

export const rowStreamsOf = (client: Client, traffic: TrafficCounter): RowStreams => {
  const submit: Submit = (query) => client.query(query);
  const reading = <Copy extends CopyOut>(copy: Copy): Copy => {
    traffic.copyOut(copy.stream);
    return copy;
  };
  const writing = <Copy extends CopyIn>(copy: Copy): Copy => {
    traffic.copyIn(copy.stream);
    return copy;
  };
  let relay: RelayIn | null = null;
  return {
    copyOut: (text) => reading(copyOut(text, submit)),
    copyIn: (text) => writing(copyIn(text, submit)),
    relayOut: (text) => reading(relayOut(text, submit)),
    relayIn: (text) => {
      relay = writing(relayIn(text, submit));
      return relay;
    },
    isCut: () => relay?.isOpen() ?? false,
  };
};
