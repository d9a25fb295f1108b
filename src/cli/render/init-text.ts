// A line of the text log for each event of an initial copy.

import { formatDuration } from '../../model/quantity.ts';
import type { EventHandlers } from '../progress/event-handlers.ts';

type InitEventName = Extract<keyof EventHandlers, `init.${string}`>;

export const share = (part: number): string => `${Math.round(part * 100)} % of all tables`;

export const initTexts: Pick<EventHandlers<string>, InitEventName> = {
  'init.started': (event) => `${subject(event)}: ${event.method}`,
  'init.completed': (event) => `${subject(event)}: ${formatDuration(event.duration_ms)}`,
  'init.failed': (event) => `${subject(event)}: ${event.error}`,
  'init.cancelled': (event) => subject(event),
  'init.phase_started': (event) => `${subject(event)}: ${event.phase}`,
  'init.phase_completed': (event) =>
    `${subject(event)}: ${event.phase}, ${formatDuration(event.duration_ms)}`,
  'init.table_started': (event) => `${subject(event)}: ${event.table}`,
  'init.table_complete': (event) =>
    `${subject(event)}: ${event.table}, ${share(event.overall_progress)}`,
  'init.table_failed': (event) => `${subject(event)}: ${event.table}: ${event.error}`,
  'init.progress': (event) => `${subject(event)}: ${event.phase}, ${share(event.overall_progress)}`,
  'init.state_change': (event) =>
    `${subject(event)}: ${event.from_state ?? 'none'} -> ${event.to_state}`,
};

const subject = ({
  node_id,
  subscription,
}: {
  readonly node_id: string;
  readonly subscription: string;
}): string => `${node_id}/subscription.${subscription}`;
