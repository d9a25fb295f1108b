// After a copy: the sequences of its tables are set as far as they are on the source, and never back. Numbers know no
// snapshot: read after the rows, they are ahead of them.

import { bringSequences } from '../../copy/check/advance-sequences.ts';
import { limitLocks } from '../../copy/copy-sessions.ts';
import { formatName } from '../../model/identifier.ts';
import type { AdvanceSequences } from '../../model/step/subscription-steps.ts';
import { tryAgain } from '../../postgres/retry/try-again.ts';
import { watchLocks } from '../../postgres/retry/watch-locks.ts';
import type { Session } from '../../postgres/session.ts';
import type { Executor, RunContext } from '../executor.ts';
import { lockWaitPolicy } from '../lock-wait-policy.ts';

const bring = async (
  step: AdvanceSequences,
  sessions: readonly [source: Session, target: Session],
  context: RunContext,
): Promise<readonly string[]> => {
  const policy = lockWaitPolicy(step, context);
  const locks = watchLocks(policy);
  try {
    for (const session of sessions) await limitLocks(session, policy.timeoutMs);
    return await tryAgain(
      {
        node: step.node,
        doing: `setting the sequences of ${step.subscription}`,
        sessions: () => sessions,
        locks,
        sleep: context.sleep,
        recover: async () => sessions.every(({ closed }) => !closed),
      },
      () => bringSequences(...sessions, step.tables),
    );
  } finally {
    locks.stop();
  }
};

export const advanceSequencesExecutor: Executor<AdvanceSequences> = {
  transactional: false,
  reversible: true,
  sql: () => [],
  note: ({ source, tables }) => [
    `setval: bring the sequences of ${tables.map(formatName).join(', ')} as far as they are on node ${source}, and none of them back`,
  ],
  run: async (step, context) => {
    const source = await context.openSession(step.source);
    try {
      const target = await context.openSession(step.node);
      try {
        const left = await bring(step, [source, target], context);
        if (left.length > 0) context.progress(`sequences that stay behind: ${left.join(', ')}`);
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
  },
};
