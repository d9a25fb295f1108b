// Servers from the official images. They share the host's network, so that one address is right for the
// tests and for the servers among themselves.

import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';
import { sandboxSettings } from '../../../src/sandbox/data-directory.ts';
import { freePort } from '../../../src/sandbox/free-port.ts';
import type { Provider } from './provider.ts';

const imageOf = (major: number): string =>
  process.env[`STEEP_TEST_IMAGE_${major}`] ?? `postgres:${major}`;

export const docker: Provider = async ({ major, settings, password }) => {
  const port = await freePort();
  const all = Object.entries({ ...sandboxSettings(major), ...settings, port: String(port) });
  const container = await new GenericContainer(imageOf(major))
    .withNetworkMode('host')
    .withEnvironment({
      POSTGRES_PASSWORD: password,
      // The image trusts connections from this machine otherwise.
      POSTGRES_INITDB_ARGS: '--auth-host=scram-sha-256 --locale=C --encoding=UTF8',
    })
    .withCommand(['postgres', ...all.flatMap(([name, value]) => ['-c', `${name}=${value}`])])
    // While the image initializes, its server does not listen on TCP.
    .withWaitStrategy(Wait.forSuccessfulCommand(`pg_isready -h 127.0.0.1 -p ${port}`))
    .start();
  return {
    port,
    start: () => container.restart(),
    stop: async () => {
      await container.stop({ remove: false });
    },
    kill: async () => {
      const runtime = await getContainerRuntimeClient();
      await runtime.container.getById(container.getId()).kill();
    },
    log: async () => {
      const runtime = await getContainerRuntimeClient();
      const handle = runtime.container.getById(container.getId());
      return String(await handle.logs({ stdout: true, stderr: true, follow: false }));
    },
    end: async () => {
      await container.stop();
    },
  };
};
