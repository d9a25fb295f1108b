// What a server says beside its answers: notifications, notices and warnings.

import type { Client } from 'pg';

/** A notice or a warning. */
export interface ServerNotice {
  readonly sqlState: string;
  /** In the language of the server. */
  readonly message: string;
}

export interface ServerMessages {
  /** Called for each NOTIFY on a channel that the session listens to; null: no longer. One callback for each channel. */
  hear(channel: string, callback: (() => void) | null): void;
  /** Called for each notice and warning, until the function that is returned is called. */
  onNotice(callback: (notice: ServerNotice) => void): () => void;
}

const hearingOf = (client: Client): ServerMessages['hear'] => {
  const callbacks = new Map<string, () => void>();
  client.on('notification', ({ channel }) => callbacks.get(channel)?.());
  return (channel, callback) => {
    if (callback === null) callbacks.delete(channel);
    else callbacks.set(channel, callback);
  };
};

export const listenersOf = (client: Client): ServerMessages => ({
  hear: hearingOf(client),
  onNotice: (callback) => {
    const heard = ({
      code,
      message,
    }: {
      readonly code?: string | undefined;
      readonly message?: string | undefined;
    }): void => callback({ sqlState: code ?? '', message: message ?? '' });
    client.on('notice', heard);
    return () => void client.off('notice', heard);
  },
});
