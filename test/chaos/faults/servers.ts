// Faults of servers and of the network before them.

import { setTimeout as sleep } from 'node:timers/promises';
import { answering, type ChaosServer } from '../servers.ts';
import type { Fault } from './fault.ts';

type Side = 'source' | 'target';

const sides: readonly Side[] = ['source', 'target'];

const crash = (side: Side): Fault => ({
  kind: `crash-${side}`,
  strike: async ({ description }, { world, random, later }) => {
    const server = world.servers[side];
    const ms = random.integer(0, 3000);
    await server.crash();
    later(sleep(ms).then(() => startAgain(server)));
    return `immediate stop of the ${side} for ${ms} ms ${description}`;
  },
});

const startAgain = async (server: ChaosServer): Promise<void> => {
  await server.start();
  await answering(server);
};

/** Connections are ended, and refused for a while. */
const cut = (side: Side): Fault => ({
  kind: `cut-${side}`,
  strike: ({ description }, { world, random, later }) => {
    const { proxy } = world.servers[side];
    const ms = random.integer(0, 4000);
    const { length } = proxy.links();
    proxy.cut();
    later(sleep(ms).then(() => proxy.heal()));
    return Promise.resolve(`${length} connections of the ${side} cut for ${ms} ms ${description}`);
  },
});

/** Nothing arrives for a while, and nothing is closed. */
const stall = (side: Side): Fault => ({
  kind: `stall-${side}`,
  strike: ({ description }, { world, random, later }) => {
    const { proxy } = world.servers[side];
    const ms = random.integer(1000, 25_000);
    const { length } = proxy.links();
    proxy.stall();
    later(sleep(ms).then(() => proxy.heal()));
    return Promise.resolve(
      `${length} connections of the ${side} stalled for ${ms} ms ${description}`,
    );
  },
});

/** Nothing arrives for a while, and then every connection is ended. */
const stallAndCut = (side: Side): Fault => ({
  kind: `stall-cut-${side}`,
  strike: ({ description }, { world, random, later }) => {
    const { proxy } = world.servers[side];
    const ms = random.integer(1000, 15_000);
    proxy.stall();
    later(
      sleep(ms).then(() => {
        proxy.cut();
        proxy.heal();
      }),
    );
    return Promise.resolve(`the ${side} stalled for ${ms} ms and then cut ${description}`);
  },
});

export const serverFaults: readonly Fault[] = [crash, cut, stall, stallAndCut].flatMap((make) =>
  sides.map(make),
);
