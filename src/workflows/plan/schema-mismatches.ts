// What a plan says of tables that differ between the ends of an edge, as events: of each subscription, and of each node
// whose tables the plan itself brings in line.

import type { SchemaMismatch } from '../../model/event.ts';
import { listNames } from '../../model/listing.ts';
import type { Hazard } from '../../model/plan/hazard.ts';
import { hazardKey, type Plan } from '../../model/plan/plan.ts';
import { parseAddress } from '../../model/state/address.ts';

const codes: ReadonlySet<string> = new Set(['SCHEMA_MISMATCH', 'VALUES_CONVERTED']);

const ofHazard = (hazard: Hazard, { observed }: Plan): SchemaMismatch => {
  const { node, name } = parseAddress(hazard.address);
  return {
    event: 'schema.mismatch_detected',
    node_id: node,
    subscription: name,
    resolution: hazard.severity === 'block' ? 'blocked' : 'needs_consent',
    message: observed.hazards[hazardKey(hazard)] ?? hazard.code,
  };
};

const planned = ({ steps }: Plan): readonly SchemaMismatch[] => {
  const changes = steps.filter((step) => step.kind === 'change-schema');
  return [...Map.groupBy(changes, ({ node }) => node)].map(([node, its]) => ({
    event: 'schema.mismatch_detected',
    node_id: node,
    subscription: null,
    resolution: 'planned',
    message: `On node ${node}: ${listNames(
      its.map(({ why }) => why),
      20,
    )}.`,
  }));
};

/** One event for each finding; none where the tables are equal in what apply needs. */
export const schemaMismatches = (plan: Plan): readonly SchemaMismatch[] => {
  const hazards = [...plan.standing, ...plan.changes.flatMap((change) => change.hazards)];
  const found = new Map(
    hazards.filter(({ code }) => codes.has(code)).map((hazard) => [hazardKey(hazard), hazard]),
  );
  return [...planned(plan), ...[...found.values()].map((hazard) => ofHazard(hazard, plan))];
};
