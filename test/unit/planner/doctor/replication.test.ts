// How other nodes reach a node: the connection, its role, and pg_hba.conf.

import { hba, onReplication, testRows } from '../../../support/servers/doctor-rows.ts';

testRows([
  [
    'rows that row security hides from copies',
    'primary',
    (node) => {
      const { role } = node.replication;
      if (role === null) return node;
      const filtered = new Set(['public.orders']);
      return { ...node, replication: { ...node.replication, role: { ...role, filtered } } };
    },
    'replication_role',
    'error',
    /would lack them/,
    'ALTER ROLE replicator BYPASSRLS;',
  ],
  [
    'another server answers',
    'primary',
    onReplication({
      probe: { kind: 'reached', systemIdentifier: '9', database: 'app', passwordAsked: true },
    }),
    'replication_connection',
    'error',
    /another server/,
  ],
  [
    'another database answers',
    'primary',
    onReplication({
      probe: { kind: 'reached', systemIdentifier: '1', database: 'other', passwordAsked: true },
    }),
    'replication_connection',
    'error',
    /database other/,
  ],
  [
    'not reachable from here',
    'primary',
    onReplication({
      probe: {
        kind: 'failed',
        code: 'UNREACHABLE',
        message: 'no answer',
        suggestions: [],
        passwordKnown: true,
      },
    }),
    'replication_connection',
    'unknown',
    /from here: no answer/,
  ],
  [
    'a wrong password',
    'primary',
    onReplication({
      probe: {
        kind: 'failed',
        code: 'AUTHENTICATION_FAILED',
        message: 'refused',
        suggestions: [],
        passwordKnown: true,
      },
    }),
    'replication_connection',
    'error',
    /refused/,
  ],
  [
    'a password that is elsewhere',
    'primary',
    onReplication({
      probe: {
        kind: 'failed',
        code: 'AUTHENTICATION_FAILED',
        message: 'refused',
        suggestions: [],
        passwordKnown: false,
      },
    }),
    'replication_connection',
    'unknown',
    /could not be tried/,
  ],
  [
    'no such role',
    'primary',
    onReplication({
      role: {
        name: 'replicator',
        attributes: null,
        unreadable: new Set(),
        hidden: new Set(),
        filtered: new Set(),
      },
    }),
    'replication_role',
    'error',
    /does not exist/,
  ],
  [
    'a table that cannot be copied',
    'primary',
    onReplication({
      role: {
        name: 'replicator',
        attributes: { login: true, replication: true, superuser: false, connect: true },
        unreadable: new Set(['public.orders', 'public.other']),
        hidden: new Set(),
        filtered: new Set(),
      },
    }),
    'replication_role',
    'error',
    /may not read 1/,
    'GRANT SELECT ON public.orders TO replicator;',
  ],
  ['pg_hba without a line', 'primary', hba({ users: ['alice'] }), 'pg_hba', 'error', /No line/],
  [
    'pg_hba, replication is another thing',
    'primary',
    hba({ databases: ['replication'] }),
    'pg_hba',
    'error',
    /No line/,
  ],
  [
    'pg_hba for this machine only',
    'primary',
    hba({ address: '127.0.0.1' }),
    'pg_hba',
    'error',
    /only from/,
  ],
  [
    'pg_hba behind a wall',
    'primary',
    hba({ method: 'reject', address: 'all' }, {}),
    'pg_hba',
    'error',
    /No line/,
  ],
  [
    'pg_hba with a mistake',
    'primary',
    hba({ error: 'invalid IP mask' }, {}),
    'pg_hba',
    'error',
    /invalid IP mask/,
  ],
  ['pg_hba lets it in', 'primary', hba({}), 'pg_hba', 'ok', /line 1 from 10.0.0.0 by scram/],
]);
