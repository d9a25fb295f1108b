// Plans of many resources, and plans whose names mean harm, for tests of reports.

import type { Plan } from '../../../src/model/plan/plan.ts';
import type { TopologyGraph } from '../../../src/model/report/graph.ts';
import { graphEdge, graphOfEdges } from './plan-graphs.ts';
import { change, hazard, observing, plan, sentences, step } from './plans.ts';

/** So many subscriptions dropped, each a danger. */
export const manyDrops = (count: number): Plan => {
  const addresses = Array.from(
    { length: count },
    (_, index) => `reporting/subscription.feed_${index}`,
  );
  return plan({
    changes: addresses.map((address) =>
      change(address, 'drop', {
        summary: 'no longer in steep.yaml',
        hazards: [hazard('SLOT_DROP', 'danger', address, 'Detach it instead.')],
      }),
    ),
    steps: addresses.map((address, index) => step(address, [`DROP SUBSCRIPTION feed_${index}`])),
  });
};

export const manyDropsGraph = (count: number): TopologyGraph =>
  graphOfEdges(
    ['primary', 'reporting'],
    Array.from({ length: count }, (_, index) =>
      graphEdge(`feed_${index}`, 'primary', 'reporting', null),
    ),
  );

/** Breaks out of tags, attributes, style sheets and scripts wherever a text is not escaped. */
export const harmful = `<script>alert(1)</script><img src=x onerror="alert('2')">"&'</style>\u0000\u202e`;

/** Every text that comes from a server or the file is `harmful`. */
export const harmfulPlan = (): Plan => {
  const address = `reporting/subscription.${harmful}`;
  const danger = hazard('SLOT_DROP', 'danger', address, harmful);
  const warning = hazard('WAL_RETENTION', 'warning', `reporting/slot.${harmful}`, harmful);
  const copy = `reporting/copy.${harmful}:public."${harmful}"`;
  return plan({
    applyable: false,
    changes: [
      change(address, 'change', {
        summary: harmful,
        details: [
          { field: harmful, before: harmful, after: harmful },
          { field: 'tables', added: [harmful], removed: [harmful] },
        ],
        hazards: [danger],
      }),
      change(copy, 'copy', { summary: harmful }),
      change(`reporting/publication.${harmful}`, 'left'),
    ],
    steps: [{ ...step(address, [`SELECT '${harmful}'`]), why: harmful }],
    standing: [warning],
    errors: [{ severity: 'error', code: 'UNREACHABLE', summary: harmful, detail: harmful }],
    observed: observing({
      endpoints: { reporting: harmful },
      hazards: sentences([danger, harmful], [warning, harmful]),
    }),
  });
};

export const harmfulGraph: TopologyGraph = graphOfEdges(
  ['primary', harmful],
  [graphEdge(harmful, 'primary', harmful, harmful)],
);
