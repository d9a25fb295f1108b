// How long the server behind a session may be silent: said after ten seconds, ended after tcp_user_timeout.

import type { Conninfo } from '../../model/connection/conninfo.ts';
import type { Silence } from '../../model/silence.ts';
import { userTimeout } from '../connect/client-config.ts';
import type { Connection, ConnectOptions } from '../connect/connect.ts';
import { lookerAt } from './look-at-backends.ts';
import { watchSilence } from './watch-silence.ts';

export type ConnectionWatchOptions = Pick<
  ConnectOptions,
  'node' | 'applicationName' | 'interrupt'
> & {
  readonly onSilence?: (silence: Silence) => void;
};

const usualSayMs = 10_000;

/** Returns what ends the watch. */
export const watchConnection = (
  connection: Connection,
  conninfo: Conninfo,
  { node, applicationName, onSilence, interrupt }: ConnectionWatchOptions,
): (() => void) => {
  const endMs = userTimeout(conninfo);
  return watchSilence({
    pid: connection.pid,
    traffic: connection.traffic,
    looker: lookerAt(conninfo, { node, applicationName }),
    destroy: (error) => connection.destroy(error),
    onSilence: (silence) => onSilence?.(silence),
    interrupt: interrupt ?? null,
    // Where the connection is to be ended soon, it is reported sooner.
    sayMs: Math.min(usualSayMs, endMs / 2),
    endMs,
  });
};
