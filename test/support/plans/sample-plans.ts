// Two whole plans: the one that the documentation shows, and one that has everything.

import type { Plan } from '../../../src/model/plan/plan.ts';
import { change, hazard, node, nodes, observing, plan, sentences, step } from './plans.ts';

const GB = 1024 ** 3;
const MB = 1024 ** 2;

const resync = hazard('RESYNC_COPY', 'warning', 'primary/publication.sales');
const slotDrop = hazard('SLOT_DROP', 'danger', 'reporting/subscription.legacy_feed');

/** The plan that cli.md shows. */
export const documentedPlan = (): Plan =>
  plan({
    changes: [
      change('primary/publication.sales', 'change', {
        summary: '1 table added',
        details: [{ field: 'tables', added: ['public.refunds'] }],
        hazards: [resync],
      }),
      change('reporting/copy.sales_reporting:public.refunds', 'copy', { summary: 'initial copy' }),
      change('reporting/subscription.legacy_feed', 'drop', {
        summary: 'removed: drop, steep.yaml:41',
        hazards: [slotDrop],
      }),
      change('reporting/subscription.sales_reporting', 'change', {
        summary: 'in place',
        details: [{ field: 'connection', before: '*** (before)', after: '*** (after)' }],
      }),
    ],
    steps: [
      step('primary/publication.sales', ['ALTER PUBLICATION sales ADD TABLE public.refunds'], {
        lock: 'SHARE UPDATE EXCLUSIVE',
      }),
      step('reporting/subscription.sales_reporting', [
        "ALTER SUBSCRIPTION sales_reporting CONNECTION '***'",
      ]),
      step(
        'reporting/subscription.sales_reporting',
        ['ALTER SUBSCRIPTION sales_reporting REFRESH PUBLICATION WITH (copy_data = true)'],
        { transactional: false },
      ),
      step(
        'reporting/subscription.sales_reporting',
        ['-- wait until public.refunds is ready'],
        { transactional: false },
        'wait-for-copy',
      ),
      step('reporting/subscription.legacy_feed', ['DROP SUBSCRIPTION legacy_feed'], {
        transactional: false,
        reversible: false,
      }),
    ],
    observed: observing({
      hazards: sentences(
        [resync, 'public.refunds: 18.4 M rows, 41.2 GB, about 8-14 min'],
        [
          slotDrop,
          'discards slot legacy_feed at 3/4410B20 with 12.4 GB of unread WAL;\nsubscribing again needs a full copy of 7 tables (96 GB)',
        ],
      ),
      copies: {
        'reporting/copy.sales_reporting:public.refunds': {
          rows: 18_400_000,
          bytes: Math.round(41.2 * GB),
          seconds: null,
        },
      },
      slots: {
        'reporting/subscription.sales_reporting': {
          lsn: '3/5A0F1C8',
          lagBytes: Math.round(1.2 * MB),
        },
      },
    }),
  });

const missingIdentity = hazard(
  'REPLICA_IDENTITY_MISSING',
  'block',
  'primary/publication.all',
  'Add a primary key to public.log.',
);
const replaced = hazard('SUBSCRIPTION_REPLACE', 'danger', "reporting/subscription.o'brien feed");
const gap = hazard('PUBLICATION_GAP', 'danger', 'primary/publication.old');
const lock = hazard('LOCK_SHARE_UPDATE', 'notice', 'primary/publication.all');
const retention = hazard('WAL_RETENTION', 'warning', 'primary/slot.cdc');

/** Every action and every severity, a standing hazard, an unread node and the errors that go with it. */
export const richPlan = (): Plan =>
  plan({
    applyable: false,
    nodes: [...nodes, node('archive', null, null)],
    allowHazards: ['PUBLICATION_GAP'],
    changes: [
      change('primary/publication.all', 'create', {
        summary: '2 tables',
        hazards: [missingIdentity, lock],
      }),
      change('primary/publication.old', 'drop', { hazards: [gap] }),
      change('primary/slot.sales', 'adopt', { summary: 'already exists, its position is kept' }),
      change("reporting/subscription.o'brien feed", 'replace', {
        summary: 'two_phase cannot be altered before PostgreSQL 18',
        hazards: [replaced],
      }),
      change('reporting/subscription.gone', 'left', { summary: 'no longer in steep.yaml' }),
      change('reporting/copy."o\'brien feed":public.a', 'copy', { summary: 'initial copy' }),
      change('reporting/copy."o\'brien feed":public.b', 'copy', { summary: 'initial copy' }),
    ],
    steps: [step('primary/publication.all', ['CREATE PUBLICATION "all" FOR TABLE public.log'])],
    standing: [retention],
    errors: [
      {
        severity: 'error',
        code: 'UNREACHABLE',
        summary: 'The server cannot be reached',
        detail: 'Node archive: connection refused at 10.0.2.2:5432.',
        suggestions: ['pg_isready -h 10.0.2.2 -p 5432'],
        address: 'archive/node.archive',
      },
    ],
    observed: observing({
      hazards: sentences(
        [missingIdentity, 'UPDATE and DELETE on public.log would fail'],
        [replaced, 'discards slot o_brien with 1.0 GB of unread WAL'],
        [gap, 'subscription feed on node reporting reads it'],
        [lock, 'SHARE UPDATE EXCLUSIVE on 2 tables'],
      ),
      copies: {
        'reporting/copy."o\'brien feed":public.a': { rows: 950, bytes: 8192, seconds: null },
      },
    }),
  });

/** A plan that copies one table, with everything known of its estimate. */
export const estimatedPlan = (): Plan => {
  const estimate = { rows: 950, bytes: 8 * GB, seconds: { low: 480, high: 840 } };
  return plan({
    changes: [change('reporting/copy.feed:public.a', 'copy', { summary: 'initial copy' })],
    observed: observing({
      copies: { 'reporting/copy.feed:public.a': estimate },
      estimate: {
        ...estimate,
        tables: 1,
        edges: {
          'reporting/subscription.my_feed': {
            ...estimate,
            tables: 1,
            rate: {
              low: 10 * MB,
              high: 17 * MB,
              origin: 'measured',
              measuredAt: '2026-01-30T08:00:00.000Z',
            },
            wal: {
              publisher: 'primary',
              rate: { bytesPerSecond: MB, since: '2026-01-01T00:00:00.000Z' },
              bytes: { low: 480 * MB, high: 840 * MB },
              cap: 10 * GB,
            },
          },
        },
      },
    }),
  });
};
