// TLS on a throwaway server, with a certificate of its own: clients that prefer TLS, as all of libpq and steep do, then use it.

import { execFileSync } from 'node:child_process';
import { chownSync, statSync } from 'node:fs';
import type { SandboxServer } from '../src/sandbox/server.ts';
import { query } from './init-methods.ts';

/** @throws where connections are not encrypted afterwards. */
export const useTls = async (server: SandboxServer): Promise<void> => {
  const data = `${server.directory}/data`;
  const files = { '-keyout': `${data}/server.key`, '-out': `${data}/server.crt` };
  const request = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost'.split(' ');
  execFileSync('openssl', [...request, ...Object.entries(files).flat()], { stdio: 'ignore' });
  const { uid, gid } = statSync(data);
  for (const file of Object.values(files)) chownSync(file, uid, gid);
  const postgres = server.conninfo('postgres');
  await query(postgres, 'ALTER SYSTEM SET ssl = on', 'SELECT pg_reload_conf()');
  const used = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
  for (let tries = 0; tries < 100; tries += 1) {
    const [row] = await query<{ readonly ssl: boolean }>(postgres, used);
    if (row?.ssl === true) return;
  }
  throw new Error('the server does not use TLS');
};
