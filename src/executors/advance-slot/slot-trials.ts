// Reads a slot by trying, while its subscription may come back to it at any moment.

import {
  readAppliedPosition,
  readLastChange,
  readOriginFilter,
} from '../../catalog/too-new/read-last-change.ts';
import { type TrialResult, tryPublications } from '../../catalog/too-new/try-publications.ts';
import { SteepError } from '../../model/errors.ts';
import { lsnDistance } from '../../model/lsn.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { AdvanceSlot } from '../../model/step/step.ts';
import { sqlState } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import type { RunContext } from '../executor.ts';

/** A step that is being executed. */
export interface Advance {
  readonly step: AdvanceSlot;
  readonly context: RunContext;
  /** A session of the step's own: others may work on the node meanwhile. */
  readonly subscriber: Session;
  /** On the clock of the run. */
  readonly deadline: number;
}

/** Milliseconds. */
const trialMs = 60_000;

const objectInUse = '55006';
const busy = 'another session reads the slot';

const late = ({ step }: Advance, why: string, cure: readonly string[]): SteepError =>
  new SteepError(
    'NOT_CONVERGED',
    `Slot ${step.slot} on node ${step.node} is not yet at a position at which publication ${step.publications.join(', ')} exists: ${why}.`,
    {
      suggestions: [...cure, 'steep status', 'Then run the same command again.'],
      exit: ExitCode.notConverged,
    },
  );

/** Until the next look. @throws SteepError NOT_CONVERGED when the time is over, with why. */
export const pause = async (
  advance: Advance,
  why: string,
  cure: readonly string[] = [],
): Promise<void> => {
  const { context, deadline } = advance;
  if (context.clock() > deadline) throw late(advance, why, cure);
  context.progress(why);
  await context.sleep(context.limits.pollMs);
};

/** Up to `upto`, an LSN, or the end of WAL; `first`: or to the first transaction that is sent. Waits while the slot is read. */
export const tryList = async (
  advance: Advance,
  publications: readonly string[],
  { upto = null, first = false }: { readonly upto?: string | null; readonly first?: boolean } = {},
): Promise<Exclude<TrialResult, { readonly kind: 'busy' }>> => {
  const { step, context } = advance;
  for (;;) {
    const asked = { slot: step.slot, publications, upto, first, timeoutMs: trialMs };
    const result = await tryPublications(context.session(step.node), asked);
    if (result.kind !== 'busy') return result;
    await pause(advance, busy);
  }
};

/** Another session may read the slot for a moment: the subscription tries again and again. */
export const whileUnread = async <T>(advance: Advance, body: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await body();
    } catch (error) {
      if (sqlState(error) !== objectInUse) throw error;
      await pause(advance, busy);
    }
  }
};

const grant =
  'On the subscriber, as a superuser: GRANT EXECUTE ON FUNCTION pg_catalog.pg_replication_origin_progress(text, boolean) TO the role that steep connects with.';

/** Waits until the subscriber holds what the slot sends for a list up to a position. */
export const untilApplied = async (
  advance: Advance,
  publications: readonly string[],
  upto: string,
): Promise<void> => {
  const { step, context, subscriber } = advance;
  const { slot } = step;
  const source = context.session(step.node);
  const origin = await readOriginFilter(subscriber, source, step.subscription);
  for (;;) {
    const last = await whileUnread(advance, () =>
      readLastChange(source, { slot, publications, origin, upto }),
    );
    if (last === null) return;
    const applied = await readAppliedPosition(subscriber, step.subscription);
    if (applied !== null && lsnDistance(last, applied) >= 0) return;
    const why = `subscription ${step.subscription} has not confirmed ${last}`;
    await pause(advance, why, applied === null ? [grant] : []);
  }
};
