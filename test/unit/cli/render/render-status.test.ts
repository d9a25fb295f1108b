// The verdict on an edge, and how it looks.

import { expect, test } from 'vitest';
import { renderStatus } from '../../../../src/cli/render/render-status.ts';
import { plainStyle } from '../../../../src/cli/render/style.ts';
import type { EdgeFacts } from '../../../../src/model/edge/edge-facts.ts';
import { judgeEdge } from '../../../../src/model/edge/edge-health.ts';
import { wellEdge } from '../../../support/plans/edges.ts';

const maxLag = 16 * 1024 ** 2;

const well: EdgeFacts = { ...wellEdge, lagBytes: 1024 };

test('looks like this', () => {
  const broken: EdgeFacts = {
    ...well,
    subscription: 'legacy',
    slot: 'legacy',
    slotExists: false,
    walStatus: null,
    lagBytes: null,
    retainedBytes: null,
    syncErrors: 4,
    errorsMoving: true,
    initState: null,
  };
  const edges = [well, broken].map((edge) => ({ ...edge, verdict: judgeEdge(edge, maxLag) }));
  const text = renderStatus(
    {
      readAt: '2026-01-31T12:00:00.000Z',
      nodes: [
        {
          name: 'primary',
          reachable: true,
          version: '16.9',
          role: 'primary',
          state: 'synchronized',
          metadataVersion: 1,
        },
        {
          name: 'archive',
          reachable: false,
          error: { code: 'UNREACHABLE', message: 'connection refused' },
        },
      ],
      edges,
      verifications: [],
      snapshots: [
        {
          operation: 'generate',
          snapshotId: 'orders_1',
          node: 'primary',
          silent: false,
          phase: 'reading rows',
          tablesTotal: 3,
          tablesDone: 1,
          rows: 1000,
          bytesTotal: 4096,
          bytesDone: 1024,
          startedAt: '2026-01-31T11:59:00Z',
          updatedAt: '2026-01-31T12:00:00Z',
        },
      ],
      overall: 'broken',
    },
    plainStyle,
  );
  expect(text).toMatchInlineSnapshot(`
    "Nodes
      node     version   role     state         metadata
      primary  16.9      primary  synchronized  version 1
      archive  NOT READ  -        -             -
        archive: connection refused  UNREACHABLE

    Edges
      subscription  from -> to            health  worker   slot              wal       lag      retained  tables  errors                   init
      sales         primary -> reporting  ok      running  sales             reserved  1.0 kB   16.0 MB   7/7     0 apply, 0 sync          synchronized
      legacy        primary -> reporting  BROKEN  running  legacy (MISSING)  unknown   unknown  unknown   7/7     0 apply, 4 sync, rising  -

    Snapshots being made
      orders_1 of primary  reading rows, 1.0/4.0 kB, 1 of 3 tables

    BROKEN  reporting/subscription.legacy: The slot does not exist on the publisher.
        A new initial copy is needed.
        steep explain SLOT_MISSING

    Overall: BROKEN, as of 2026-01-31T12:00:00.000Z"
  `);
});
