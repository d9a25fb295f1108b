// Every hazard that a plan can carry, by its stable code.

import { copyHazards } from '../hazard-catalogue/copies.ts';
import { publicationHazards } from '../hazard-catalogue/publications.ts';
import { schemaHazards } from '../hazard-catalogue/schemas.ts';
import { serverHazards } from '../hazard-catalogue/servers.ts';
import { slotHazards } from '../hazard-catalogue/slots.ts';
import { subscriptionHazards } from '../hazard-catalogue/subscriptions.ts';
import type { HazardExplanation } from './explanation.ts';

export const hazardCatalogue = {
  ...slotHazards,
  ...subscriptionHazards,
  ...publicationHazards,
  ...copyHazards,
  ...schemaHazards,
  ...serverHazards,
} satisfies Readonly<Record<string, HazardExplanation>>;
