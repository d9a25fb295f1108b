// Initial copies that have begun, as the metadata of a node has them.

/** An initial copy, or one of tables that are initialized again, that has begun and has not ended. */
export interface CopyUnderWay {
  readonly subscription: string;
  readonly method: 'parallel' | 'native' | 'two_phase' | 'none';
}
