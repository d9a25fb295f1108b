// Servers from the binaries that npm installs: no Docker, no network.

import { readFile } from 'node:fs/promises';
import { startServer } from '../../../src/sandbox/server.ts';
import type { Provider } from './provider.ts';

export const embedded: Provider = async ({ major, settings, password, directory, copies }) => {
  const options = { major, password, directory, copies };
  let server = await startServer({ ...options, settings });
  return {
    port: server.port,
    start: async () => {
      server = await startServer({ ...options, port: server.port });
    },
    stop: () => server.stop(),
    kill: () => server.kill(),
    log: () => readFile(server.logFile, 'utf8'),
    end: () => server.stop('immediate'),
  };
};
