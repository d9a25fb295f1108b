// Whether pg_hba.conf lets the role of the other nodes in. A logical walsender names a database, so that
// lines for `replication` are not about it (manual 20.1).

import type { HbaRule, NodeFacts } from '../../model/report/doctor-facts.ts';
import { type DoctorCheck, type Observation, observation } from './context.ts';

const say = (
  status: Observation['status'],
  message: string,
  cure: readonly string[] = [],
): Observation => observation('pg_hba', status, message, cure);

/** Groups and regular expressions may match: that cannot be decided without evaluating them as the server does. */
const mayMatch = (entry: string): boolean =>
  entry.startsWith('+') || entry.startsWith('/') || entry === 'samerole' || entry === 'samegroup';

const namesDatabase = (rule: HbaRule, database: string, user: string): boolean =>
  rule.databases.some(
    (entry) =>
      entry === 'all' ||
      entry === database ||
      (entry === 'sameuser' && user === database) ||
      mayMatch(entry),
  );

const namesUser = (rule: HbaRule, user: string): boolean =>
  rule.users.some((entry) => entry === 'all' || entry === user || mayMatch(entry));

/** Lines that other machines can come in by, up to one that turns all the rest away. */
const openLines = (
  rules: readonly HbaRule[],
  database: string,
  user: string,
): readonly HbaRule[] => {
  const about = rules.filter(
    (rule) =>
      rule.error === null &&
      rule.type !== 'local' &&
      namesDatabase(rule, database, user) &&
      namesUser(rule, user),
  );
  const wall = about.findIndex(
    ({ method, address, databases, users }) =>
      method === 'reject' && address === 'all' && ![...databases, ...users].some(mayMatch),
  );
  return (wall === -1 ? about : about.slice(0, wall)).filter(({ method }) => method !== 'reject');
};

const isLoopback = (host: string): boolean => /^(127\.|::1$|localhost$)/.test(host);

const hostOf = ({ replication }: NodeFacts): string =>
  replication.endpoint.replace(/:\d+\/.*$/, '');

const broken = (rules: readonly HbaRule[]): readonly Observation[] =>
  rules
    .filter(({ error }) => error !== null)
    .map(({ line, error }) =>
      say('error', `Line ${line} of pg_hba.conf cannot be used: ${error}`, [
        'Correct the line, then:',
        'SELECT pg_catalog.pg_reload_conf();',
      ]),
    );

const line = (user: string, database: string): readonly string[] => [
  'Add to pg_hba.conf, with the addresses of the subscribers:',
  `host  ${database}  ${user}  ADDRESS/MASK  scram-sha-256`,
  'then: SELECT pg_catalog.pg_reload_conf();',
];

const judge = (
  node: NodeFacts,
  rules: readonly HbaRule[],
  user: string,
): readonly Observation[] => {
  const { database } = node.state.server;
  const open = openLines(rules, database, user);
  if (open.length === 0) {
    return [
      say(
        'error',
        `No line of pg_hba.conf lets role ${user} into database ${database}.`,
        line(user, database),
      ),
    ];
  }
  if (!isLoopback(hostOf(node)) && open.every(({ address }) => isLoopback(address ?? ''))) {
    return [
      say(
        'error',
        `pg_hba.conf lets role ${user} into database ${database} only from the server's own machine.`,
        line(user, database),
      ),
    ];
  }
  const ways = open.map(
    ({ line: number, address, method }) =>
      `line ${number} from ${address ?? 'anywhere'} by ${method}`,
  );
  return [
    say('ok', `pg_hba.conf lets role ${user} into database ${database}: ${ways.join(', ')}.`),
  ];
};

export const hbaCheck: DoctorCheck = (node) => {
  const { hba, replication } = node;
  if (hba !== null && replication.role !== null) {
    return [...broken(hba), ...judge(node, hba, replication.role.name)];
  }
  if (replication.probe.kind === 'reached') {
    return [say('ok', 'pg_hba.conf let the replication_connection in from this machine.')];
  }
  return [
    say(
      'unknown',
      'This role may not read pg_hba_file_rules, and the replication_connection did not get in from here.',
    ),
  ];
};
