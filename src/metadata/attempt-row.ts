// The row of an initial copy in steep_repl.copy_attempts: there from before its slot is created until the subscription
// follows or the copy is undone. Unless it says so, a function runs in the transaction of its caller.

import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';

export interface AttemptRow {
  /** That will follow. */
  readonly subscription: string;
  readonly runId: string;
  readonly slot: string;
}

/** A new attempt: what was known of the one before is replaced. */
export const recordAttempt = async (
  session: Session,
  { subscription, runId, slot }: AttemptRow,
): Promise<void> => {
  await forgetAttemptRow(session, subscription);
  await session.query(sql`
    INSERT INTO steep_repl.copy_attempts (subscription, run_id, slot_name)
    VALUES (${subscription}, ${runId}, ${slot})`);
};

/** The same attempt in another run: what is known of its slot stays. */
export const continueAttempt = async (
  session: Session,
  { subscription, runId, slot }: AttemptRow,
): Promise<void> => {
  await session.query(sql`
    INSERT INTO steep_repl.copy_attempts AS a (subscription, run_id, slot_name)
    VALUES (${subscription}, ${runId}, ${slot})
    ON CONFLICT (subscription) DO UPDATE SET run_id = EXCLUDED.run_id`);
};

/** What another run has left is settled or undone by this one. In a transaction of its own. */
export const takeOverAttempt = (
  session: Session,
  { subscription, runId }: Pick<AttemptRow, 'subscription' | 'runId'>,
): Promise<void> =>
  session.transaction({}, async () => {
    await session.query(sql`
      UPDATE steep_repl.copy_attempts AS a SET run_id = ${runId} WHERE a.subscription = ${subscription}`);
    await forgetOffer(session, subscription);
  });

/** The subscription follows, or the copy was undone. */
export const forgetAttemptRow = async (session: Session, subscription: string): Promise<void> => {
  await session.query(
    sql`DELETE FROM steep_repl.copy_attempts AS a WHERE a.subscription = ${subscription}`,
  );
  await forgetOffer(session, subscription);
};

/** A run that was killed did not withdraw its copy, which others could join; no later run need offer it once more. */
const forgetOffer = async (session: Session, subscription: string): Promise<void> => {
  await session.query(
    sql`DELETE FROM steep_repl.joinable_copies AS c WHERE c.subscription = ${subscription}`,
  );
  await session.query(
    sql`DELETE FROM steep_repl.joined_workers AS j WHERE j.subscription = ${subscription}`,
  );
};
