// Every hazard that a plan can carry, by its stable code.

import type { HazardExplanation } from './explanation.ts';
import { copyHazards } from './hazards/copies.ts';
import { mergeHazardTexts } from './hazards/merges.ts';
import { publicationHazards } from './hazards/publications.ts';
import { rowHazards } from './hazards/rows.ts';
import { schemaHazards } from './hazards/schemas.ts';
import { serverHazards } from './hazards/servers.ts';
import { slotHazards } from './hazards/slots.ts';
import { subscriptionHazards } from './hazards/subscriptions.ts';
import { tableHazards } from './hazards/tables.ts';

export const hazardCatalogue = {
  ...slotHazards,
  ...subscriptionHazards,
  ...publicationHazards,
  ...copyHazards,
  ...schemaHazards,
  ...tableHazards,
  ...mergeHazardTexts,
  ...rowHazards,
  ...serverHazards,
} satisfies Readonly<Record<string, HazardExplanation>>;
