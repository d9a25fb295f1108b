// The server itself: its release, how it is reached, its clock, and how its text compares with that of
// the nodes it exchanges rows with.

import type { LocaleFacts, NodeFacts } from '../../model/report/doctor-facts.ts';
import {
  type DoctorCheck,
  type DoctorContext,
  incoming,
  type Observation,
  observation,
} from './context.ts';

export const versionCheck: DoctorCheck = ({ state: { server } }) => {
  const { knownBugs } = server.features;
  if (knownBugs.length === 0) {
    return [
      observation('version', 'ok', `PostgreSQL ${server.version} has no known replication bug.`),
    ];
  }
  return knownBugs.map(({ fixedIn, bug }) =>
    observation(
      'version',
      'warning',
      `PostgreSQL ${server.version} has a replication bug that ${fixedIn} fixed: ${bug}.`,
      [`Upgrade the server to ${fixedIn} or later.`],
    ),
  );
};

export const poolerCheck: DoctorCheck = ({ state: { server } }) =>
  server.pooled
    ? [
        observation(
          'pooler',
          'error',
          'The connection goes through a pooler: replication, advisory locks and exported snapshots need a session of their own.',
          ["Point the node's connection at PostgreSQL itself."],
        ),
      ]
    : [observation('pooler', 'ok', 'The connection leads to the server itself.')];

export const metadataCheck: DoctorCheck = ({ state: { server } }) =>
  server.publishesMetadata.length === 0
    ? []
    : [
        observation(
          'metadata',
          'error',
          `Publication ${server.publishesMetadata.join(', ')} publishes every table, steep_repl too: its rows would be sent to subscribers that lack its tables, and their apply would stop.`,
          ['Set metadata_database on this node, or publish an explicit list of tables.'],
        ),
      ];

/** Conflicts decided by time, and what people read in logs, suffer from more. */
const clockToleranceMs = 2000;

const seconds = (ms: number): string => `${(Math.abs(ms) / 1000).toFixed(1)} s`;

/** Against this machine; and against the nodes that this one reads from. */
export const clockCheck: DoctorCheck = (node, context) => {
  const { aheadMs, uncertaintyMs } = node.clock;
  const off = Math.abs(aheadMs) - uncertaintyMs > clockToleranceMs;
  const side = aheadMs > 0 ? 'ahead of' : 'behind';
  return [
    observation(
      'clock',
      off ? 'warning' : 'ok',
      off
        ? `The clock is ${seconds(aheadMs)} ${side} this machine's.`
        : `The clock agrees with this machine's within ${seconds(Math.abs(aheadMs) + uncertaintyMs)}.`,
      off ? ['Synchronize the clocks of all machines, with NTP for example.'] : [],
    ),
    ...sourcesOf(node, context).flatMap((source) => clockBetween(node, source)),
  ];
};

const clockBetween = (node: NodeFacts, source: NodeFacts): readonly Observation[] => {
  const apart = node.clock.aheadMs - source.clock.aheadMs;
  const uncertainty = node.clock.uncertaintyMs + source.clock.uncertaintyMs;
  if (Math.abs(apart) - uncertainty <= clockToleranceMs) return [];
  return [
    observation(
      'clock',
      'warning',
      `The clock is ${seconds(apart)} ${apart > 0 ? 'ahead of' : 'behind'} that of node ${source.state.node}: times of rows from both cannot be compared.`,
      ['Synchronize the clocks of all machines, with NTP for example.'],
    ),
  ];
};

const sourcesOf = (node: NodeFacts, context: DoctorContext): readonly NodeFacts[] =>
  [...new Set(incoming(node, context).map(({ source }) => source))].flatMap((name) => {
    const source = context.nodes.get(name);
    return source === undefined ? [] : [source];
  });

/** PostgreSQL converts text between encodings on the way; what does not fit stops apply. */
const encodingBetween = (to: string, from: string, source: string): Observation => {
  const differs = `The encoding is ${to}, that of node ${source} is ${from}`;
  if (to === from)
    return observation('encoding', 'ok', `Node ${source} has the same encoding, ${to}.`);
  if (to === 'UTF8' && from !== 'SQL_ASCII') {
    return observation('encoding', 'ok', `${differs}: everything that comes can be converted.`);
  }
  return observation(
    'encoding',
    'warning',
    `${differs}: a character that does not exist in ${to} stops apply.`,
    ['Use UTF8 on the subscriber: an encoding is chosen when a database is created.'],
  );
};

const localeName = ({ provider, collate, ctype, locale }: LocaleFacts): string =>
  `${provider} ${locale ?? (collate === ctype ? collate : `${collate}/${ctype}`)}`;

/** A notice: rows arrive all the same, but unique and ordered text may mean something else there. */
const localeBetween = (node: NodeFacts, source: NodeFacts): Observation => {
  const [here, there] = [localeName(node.locale), localeName(source.locale)];
  return observation(
    'collation',
    'ok',
    here === there
      ? `Node ${source.state.node} sorts text in the same way, by ${here}.`
      : `Text sorts by ${here} here but by ${there} on node ${source.state.node}: queries may order rows differently.`,
  );
};

export const textCheck: DoctorCheck = (node, context) =>
  sourcesOf(node, context).flatMap((source) => [
    encodingBetween(node.state.server.encoding, source.state.server.encoding, source.state.node),
    localeBetween(node, source),
  ]);
