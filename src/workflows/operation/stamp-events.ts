// Stamps what happens with the time and the run, whichever command it happens in.

import type { EmitEvent, RunEvent } from '../../model/event.ts';
import type { Host } from '../host.ts';

export const stampEvents =
  (onEvent: (event: RunEvent) => void, runId: string, host: Pick<Host, 'now'>): EmitEvent =>
  (body, level = 'info') =>
    onEvent({ timestamp: host.now().toISOString(), level, run_id: runId, ...body });
