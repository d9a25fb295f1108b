// A way in which an edge breaks, and what its stages are made of.

import type { EdgeFault, Health } from '../../../../src/model/edge/edge-health.ts';
import type { PrivateServer } from '../../servers/cluster.ts';
import { waitFor } from '../../servers/wait.ts';
import type { Edge } from '../edge.ts';
import type { Topology } from '../project.ts';

export interface BrokenEdge extends Edge {
  readonly major: number;
  /** Of the stage's own, where it asks for one. */
  readonly own: PrivateServer | null;
}

export interface Stage {
  readonly what: string;
  readonly code: EdgeFault['code'] | null;
  readonly health: Health;
  /** The first major that has it. */
  readonly since?: number;
  /** Another fault on servers before 15, which count no errors. */
  readonly uncounted?: EdgeFault['code'];
  /** A server of its own, with these settings. */
  readonly own?: readonly ['publisher' | 'subscriber', Readonly<Record<string, string>>];
  /** What steep.yaml says beside the usual. */
  readonly topology?: (edge: Edge) => Topology;
  /** False: nothing is applied before. */
  readonly applied?: false;
  /** Drift of what runs says nothing of it: it is drift of the definition, not there yet, or incomplete. */
  readonly noDrift?: true;
  /** doctor says nothing of it: a plan creates it. */
  readonly noDoctor?: true;
  /** What steep_repl.health() says of its own node, where it can know; unknown otherwise. */
  readonly sql?: { readonly publisher?: string; readonly subscriber?: string };
  /** Made before steep applies. */
  readonly prepare?: (edge: Edge) => Promise<void>;
  /** The processes of the servers must be in reach. */
  readonly local?: true;
  readonly make: (edge: BrokenEdge) => Promise<unknown>;
}

const itself = ({ topology }: Edge): Topology => topology;

/** The topology with more in its subscription. */
export const withSubscription =
  (more: object) =>
  (edge: Edge): Topology => ({
    ...itself(edge),
    subscriptions: { items: { ...edge.topology.subscriptions?.items, ...more } },
  });

export const insert = ({ publisher }: Edge): Promise<unknown> =>
  publisher.query(`INSERT INTO items VALUES (5000, 'theirs')`);

const workerPid = ({ subscriber }: Edge): Promise<boolean> =>
  subscriber
    .query(
      `SELECT FROM pg_stat_subscription
           WHERE subid IN (SELECT s.oid FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid WHERE datname = current_database()) AND relid IS NULL AND pid IS NOT NULL`,
    )
    .then((rows) => rows.length > 0);

export const untilDown = (edge: Edge): Promise<boolean> =>
  waitFor('the worker to end', async () => !(await workerPid(edge)), { timeoutMs: 90_000 });

export const untilRunning = (edge: Edge): Promise<boolean> =>
  waitFor('the worker to run', () => workerPid(edge));

export const untilCounted = async (edge: BrokenEdge): Promise<void> => {
  if (edge.major < 15) return;
  await waitFor('an error to be counted', async () => {
    const [row] = await edge.subscriber.query<{ readonly errors: string }>(
      `SELECT apply_error_count + sync_error_count AS errors FROM pg_stat_subscription_stats
           WHERE subid IN (SELECT s.oid FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid WHERE datname = current_database())`,
    );
    return Number(row?.errors) > 0;
  });
};

export const disable = async (edge: Edge): Promise<void> => {
  await edge.subscriber.query('ALTER SUBSCRIPTION items DISABLE');
  await untilDown(edge);
};

export const enable = ({ subscriber }: Edge): Promise<unknown> =>
  subscriber.query('ALTER SUBSCRIPTION items ENABLE');
