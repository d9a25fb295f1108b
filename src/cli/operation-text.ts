// A line of the text log for each event of an operation.

import { formatDuration } from '../model/quantity.ts';
import type { EventHandlers } from './progress/event-handlers.ts';

type OperationEventName = Extract<keyof EventHandlers, `operation.${string}`>;

export const operationTexts: Pick<EventHandlers<string>, OperationEventName> = {
  'operation.started': ({ operation }) => operation,
  'operation.completed': ({ operation, duration_ms }) =>
    `${operation}: ${formatDuration(duration_ms)}`,
  'operation.failed': ({ operation, code, error }) => `${operation}: ${code} ${error}`,
};
