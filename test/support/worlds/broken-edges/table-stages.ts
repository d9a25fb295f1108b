// Edges some of whose tables are not replicated.

import type { Edge } from '../edge.ts';
import { type Stage, untilCounted } from './stage.ts';

/** Another table on both ends, published by hand. */
const publishMore = async ({ publisher, subscriber }: Edge): Promise<void> => {
  for (const database of [publisher, subscriber]) {
    await database.query('CREATE TABLE more (id int PRIMARY KEY)');
  }
  await publisher.query('INSERT INTO more VALUES (1); ALTER PUBLICATION items ADD TABLE more');
};

const refresh = ({ subscriber }: Edge): Promise<unknown> =>
  subscriber.query('ALTER SUBSCRIPTION items REFRESH PUBLICATION');

export const tableStages: readonly Stage[] = [
  {
    what: 'a table whose copy fails',
    code: 'COPY_FAILING',
    uncounted: 'COPY_WITHOUT_WORKER',
    health: 'broken',
    sql: { subscriber: 'TABLE_NOT_READY' },
    make: async (edge) => {
      await publishMore(edge);
      await edge.subscriber.query('INSERT INTO more VALUES (1)');
      await refresh(edge);
      await untilCounted(edge);
    },
  },
  {
    what: 'no worker is left for a table',
    code: 'COPY_WITHOUT_WORKER',
    health: 'broken',
    own: ['subscriber', { max_sync_workers_per_subscription: '0' }],
    sql: { subscriber: 'TABLE_NOT_READY' },
    make: async (edge) => {
      await publishMore(edge);
      await refresh(edge);
    },
  },
  {
    what: 'published, and never refreshed',
    code: 'TABLE_NOT_SUBSCRIBED',
    health: 'broken',
    make: publishMore,
  },
  {
    what: 'the target table is dropped',
    code: 'TARGET_MISSING',
    health: 'broken',
    make: ({ subscriber }) => subscriber.query('DROP TABLE items'),
  },
  {
    what: 'the target table is dropped and made again',
    code: 'TABLE_NOT_SUBSCRIBED',
    health: 'broken',
    make: ({ subscriber }) =>
      subscriber.query('DROP TABLE items; CREATE TABLE items (id int PRIMARY KEY, note text)'),
  },
  {
    what: 'a table leaves the publication',
    code: 'TABLE_UNPUBLISHED',
    health: 'broken',
    make: async (edge) => {
      await publishMore(edge);
      await refresh(edge);
      await edge.publisher.query('ALTER PUBLICATION items DROP TABLE items');
    },
  },
  {
    what: 'the publication is gone',
    code: 'PUBLICATION_MISSING',
    health: 'broken',
    sql: { publisher: 'PUBLICATION_MISSING' },
    make: ({ publisher }) => publisher.query('DROP PUBLICATION items'),
  },
];
