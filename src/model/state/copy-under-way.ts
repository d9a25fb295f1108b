// Initial copies that have begun, as the metadata of a node has them.

/** An initial copy, or one of tables that are initialized again, that has begun and has not ended. */
export interface CopyUnderWay {
  readonly subscription: string;
  readonly method: 'parallel' | 'native' | 'two_phase' | 'none';
}

/** A subscription that was in step and lacks changes for good, until its tables are copied again. */
export interface LostChanges {
  readonly subscription: string;
  /** What an apply saw, with the commands that it named; null: nothing is known of it. */
  readonly error: string | null;
}
