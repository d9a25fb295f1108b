// How a step is executed: what reviewers read in a plan.

/** How a step runs, told by its executor: what reviewers read and what apply executes. */
export interface StepExecution {
  /** Statements in order; secrets are printed as '***'. */
  readonly statements: readonly string[];
  /** All statements commit together; otherwise each commits alone and cannot be rolled back. */
  readonly transactional: boolean;
  readonly reversible: boolean;
  /** The strongest table lock, with its PostgreSQL name; null: none to speak of. */
  readonly lock: string | null;
  /** lock_timeout while it runs, in milliseconds, 0: no limit; null: it sends nothing that is limited. */
  readonly lockTimeoutMs: number | null;
  /** statement_timeout, alike. */
  readonly statementTimeoutMs: number | null;
}
