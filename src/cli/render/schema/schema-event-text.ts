// A line of the text log for each event of a schema.

import type { EventHandlers } from '../../progress/event-handlers.ts';

type SchemaEventName = Extract<keyof EventHandlers, `schema.${string}`>;

const resolutions = {
  blocked: 'blocked',
  needs_consent: 'needs consent',
  planned: 'planned',
} as const;

export const schemaTexts: Pick<EventHandlers<string>, SchemaEventName> = {
  'schema.mismatch_detected': ({ node_id, subscription, resolution, message }) =>
    `${node_id}${subscription === null ? '' : `/subscription.${subscription}`}: ${resolutions[resolution]}: ${message}`,
  'schema.sync_applied': ({ node_id, object, statements }) =>
    `${node_id}: ${object}, ${statements} ${statements === 1 ? 'statement' : 'statements'}`,
};
