// The world around a workflow, as arguments: environment, clock, names. Tests give their own.

export interface Host {
  readonly steepVersion: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly user: string;
  readonly hostname: string;
  /** The time of day. */
  readonly now: () => Date;
  /** Milliseconds since any fixed point. */
  readonly clock: () => number;
  /** Every statement sent to a server, without secrets. */
  readonly onStatement?: (node: string, statement: string) => void;
}
