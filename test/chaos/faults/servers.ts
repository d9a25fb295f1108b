// Faults of servers and of the network before them.

import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomNumbers } from '../../support/plans/random-numbers.ts';
import { answering } from '../servers.ts';
import type { World } from '../world.ts';
import type { AfterFault, RunFault } from './fault.ts';

type Side = 'source' | 'target';

const sides: readonly Side[] = ['source', 'target'];

const crash = (side: Side): RunFault => ({
  kind: `crash-${side}`,
  strike: async ({ description }, { world, random, later }) => {
    const server = world.servers[side];
    const ms = random.integer(0, 3000);
    await server.crash();
    later(sleep(ms).then(() => answering(server)));
    return `immediate stop of the ${side} for ${ms} ms ${description}`;
  },
});

/** Replication must continue by itself: nobody runs a command again that has ended with 0. */
const crashAfterwards = (side: Side): AfterFault => ({
  kind: `crash-${side}-afterwards`,
  after: async ({ servers }: World, random) => {
    const ms = random.integer(0, 1000);
    await servers[side].crash();
    await sleep(ms);
    await answering(servers[side]);
    return `immediate stop of the ${side} for ${ms} ms after the command had ended`;
  },
});

export const crashesAfterwards: readonly AfterFault[] = sides.map(crashAfterwards);

/** Connections are ended, and refused for a while. */
const cut = (side: Side): RunFault => ({
  kind: `cut-${side}`,
  strike: ({ description }, { world, random, later }) => {
    const { proxy } = world.servers[side];
    const ms = random.integer(0, 4000);
    const { length } = proxy.links();
    if (length === 0) return Promise.resolve(null);
    proxy.cut();
    later(sleep(ms).then(() => proxy.heal()));
    return Promise.resolve(`${length} connections of the ${side} cut for ${ms} ms ${description}`);
  },
});

/** Mostly short; sometimes longer than what steep takes for a connection that is dead. */
const silence = (random: RandomNumbers): number =>
  random.chance(0.8) ? random.integer(500, 4000) : random.integer(10_500, 16_000);

/** Nothing arrives for a while, and nothing is closed. */
const stall = (side: Side): RunFault => ({
  kind: `stall-${side}`,
  strike: ({ description }, { world, random, later }) => {
    const { proxy } = world.servers[side];
    const ms = silence(random);
    const { length } = proxy.links();
    if (length === 0) return Promise.resolve(null);
    proxy.stall();
    later(sleep(ms).then(() => proxy.heal()));
    return Promise.resolve(
      `${length} connections of the ${side} stalled for ${ms} ms ${description}`,
    );
  },
});

/** Nothing arrives for a while, and then every connection is ended. */
const stallAndCut = (side: Side): RunFault => ({
  kind: `stall-cut-${side}`,
  strike: ({ description }, { world, random, later }) => {
    const { proxy } = world.servers[side];
    const ms = silence(random);
    if (proxy.links().length === 0) return Promise.resolve(null);
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

/** Whatever the target wants to write into tables and indexes fails. */
const fullDisk: RunFault = {
  kind: 'full-disk',
  late: true,
  strike: async ({ description }, { world, random, later }) => {
    const { disk } = world.servers.target;
    if (disk === null) return null;
    const ms = random.integer(300, 4000);
    const bytes = await disk.fill();
    later(sleep(ms).then(() => disk.free()));
    return `the disk of the target filled with ${bytes} bytes for ${ms} ms ${description}`;
  },
};

/** The server stops as soon as it needs another segment, and cannot start until there is space. */
const fullWal = (side: Side): RunFault => ({
  kind: `full-wal-${side}`,
  late: true,
  strike: async ({ description }, { world, random, later }) => {
    const server = world.servers[side];
    const { walDisk, maintenance } = server;
    if (walDisk === null) return null;
    const ms = random.integer(300, 4000);
    await maintenance.query('CHECKPOINT');
    const bytes = await walDisk.fill();
    // Segments that are kept for later are used up first.
    for (let turn = 0; turn < 12; turn += 1)
      await maintenance
        .query("SELECT pg_logical_emit_message(false, 'chaos', 'x'), pg_switch_wal()")
        .catch(() => undefined);
    later(
      sleep(ms).then(async () => {
        await walDisk.free();
        await answering(server);
      }),
    );
    return `the WAL of the ${side} filled with ${bytes} bytes for ${ms} ms ${description}`;
  },
});

export const serverFaults: readonly RunFault[] = [
  ...[crash, cut, stall, stallAndCut].flatMap((make) => sides.map(make)),
  fullDisk,
  ...sides.map(fullWal),
];
