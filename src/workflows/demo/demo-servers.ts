// The servers of a demo, and the shop on them: started in a directory of their own, filled, removed.

import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Conninfo } from '../../model/connection/conninfo.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { DemoPlace } from '../../model/report/demo.ts';
import { openSession, type Session } from '../../postgres/session.ts';
import { type Sandbox, sandboxDown, sandboxStatus, sandboxUp } from '../../sandbox/registry.ts';
import { createShop, fillShop } from '../../sandbox/shop.ts';
import { makeTemporaryHome } from '../../sandbox/temporary-home.ts';
import type { ReachableNode } from './demo-compare.ts';

export interface DemoServers {
  readonly place: DemoPlace;
  readonly publisher: ReachableNode;
  readonly subscribers: readonly ReachableNode[];
  /** The variable of each node with its connection, as the env file would set it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly variables: readonly string[];
}

/** What the demo writes beside the sandbox. */
export const demoFiles = { topology: 'steep.yaml', plan: 'shop.plan' } as const;

/**
 * Where a demo goes; undefined: a new temporary directory.
 * @throws SteepError SANDBOX_NOT_OURS where there is a sandbox already.
 */
export const chooseDirectory = async (requested: string | undefined): Promise<string> => {
  if (requested === undefined) return makeTemporaryHome('steep-demo-');
  if ((await sandboxStatus(requested)) !== null) throw occupied(requested);
  return resolve(requested);
};

/** Starts the servers; what does not start leaves nothing behind. @throws SteepError as sandboxUp. */
export const startServers = async (
  directory: string,
  majors: readonly number[] | null,
  now: Date,
): Promise<DemoServers> => describe(await sandboxUp({ directory, majors, now }));

/** Stops the servers and removes all that the demo made. */
export const removeServers = async ({ directory }: DemoPlace): Promise<void> => {
  for (const name of Object.values(demoFiles)) await rm(join(directory, name), { force: true });
  await sandboxDown(directory);
};

/** The shop with its rows on the publisher, its empty tables on the others, all at the same time. */
export const openShops = async ({ publisher, subscribers }: DemoServers): Promise<void> => {
  const fill = withSession(publisher, async (session) => {
    await createShop(session);
    await withSession(publisher, (other) => fillShop(session, other));
  });
  await Promise.all([fill, ...subscribers.map((node) => withSession(node, createShop))]);
};

const describe = ({ directory, envFile, nodes }: Sandbox): DemoServers => {
  const reachable = nodes.map(({ name, conninfo }) => ({ name, conninfo: mustHave(conninfo) }));
  const [publisher, ...subscribers] = reachable;
  return {
    place: {
      directory,
      envFile: basename(envFile),
      nodes: nodes.map(({ name, major, conninfo }) => {
        return { name, major, endpoint: mustHave(conninfo).endpoint };
      }),
    },
    publisher: mustHave(publisher),
    subscribers,
    environment: Object.fromEntries(
      nodes.map(({ variable, conninfo }) => [variable, mustHave(conninfo).text]),
    ),
    variables: nodes.map(({ variable }) => variable),
  };
};

/** A sandbox that is up has nodes, and each was started. */
const mustHave = <T extends Conninfo | ReachableNode>(value: T | null | undefined): T => {
  if (value === null || value === undefined) throw new Error('the sandbox did not start');
  return value;
};

const occupied = (directory: string): SteepError =>
  new SteepError(
    'SANDBOX_NOT_OURS',
    `There is already a sandbox in ${directory}, possibly of a demo that was kept.`,
    {
      suggestions: [
        'Choose another directory with --dir, or remove it: steep sandbox down --dir DIR',
      ],
      exit: ExitCode.refused,
    },
  );

const withSession = async <T>(
  { name, conninfo }: ReachableNode,
  body: (session: Session) => Promise<T>,
): Promise<T> => {
  const session = await openSession(conninfo, { node: name, applicationName: 'steep demo' });
  try {
    return await body(session);
  } finally {
    await session.close();
  }
};
