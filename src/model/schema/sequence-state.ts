// A sequence that feeds a published table, as it is or as it was recorded: which numbers it gives, and how far it is.

/** Numbers as text: they may be larger than a number of JavaScript is exact. */
export interface SequenceState {
  /** With its schema. */
  readonly name: string;
  readonly increment: string;
  readonly minimum: string;
  readonly maximum: string;
  readonly cycle: boolean;
  /** The number that it gave last; null: none since it was created or set back, or it may not be read. */
  readonly last: string | null;
  readonly readable: boolean;
}
