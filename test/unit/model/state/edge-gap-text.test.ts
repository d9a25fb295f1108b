import { expect, test } from 'vitest';
import { sayGaps } from '../../../../src/model/edge/edge-gap-text.ts';

const edge = { node: 'b', name: 'Feed', source: 'a' };
const table = { schema: 'public', name: 'events' };

test('one sentence for each table and kind of gap, with the command that copies it again', () => {
  const said = sayGaps(
    [
      { kind: 'attached', table, partition: 'public.p1' },
      { kind: 'detached', table, partition: 'public.p0' },
      { kind: 'attached', table, partition: 'public.p2' },
      { kind: 'slot', slot: 'feed' },
      { kind: 'table', table: { schema: 'public', name: 'other' } },
    ],
    edge,
  );
  expect(said.map(({ code, address, missing }) => [code, address, missing])).toEqual([
    ['SLOT_REPLACED', 'b/subscription.Feed', true],
    ['PARTITION_ATTACHED', 'b/copy."Feed":public.events', true],
    ['STALE_ROWS_LEFT', 'b/copy."Feed":public.events', false],
    ['TABLE_REPLACED', 'b/copy."Feed":public.other', true],
  ]);
  expect(said[1]?.message).toContain('public.p1, public.p2 became 2 partitions of public.events');
  expect(said[1]?.command).toBe(`steep apply --reinit 'b/copy."Feed":public.events'`);
});
