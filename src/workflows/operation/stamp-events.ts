// Stamps what happens with the time and the run, whichever command it happens in.

import type { EmitEvent, RunEvent } from '../../model/event.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';

export const stampEvents =
  (
    onEvent: (event: RunEvent) => void,
    runId: string,
    runtime: Pick<RuntimeEnvironment, 'now'>,
  ): EmitEvent =>
  (body, level = 'info') =>
    onEvent({ timestamp: runtime.now().toISOString(), level, run_id: runId, ...body });
