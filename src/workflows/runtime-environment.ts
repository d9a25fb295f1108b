// What a workflow gets from its environment, as arguments: environment, clock, names. Tests give their own.

import type { AllowList } from '../model/plan/allow-list.ts';
import type { Silence } from '../model/silence.ts';

export interface RuntimeEnvironment {
  readonly steepVersion: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Variables that connections of steep.yaml may name; undefined: all. */
  readonly allowedVariables?: AllowList;
  /** Files outside of the folder of steep.yaml may be included. */
  readonly includeOutside?: boolean;
  /**
   * A file with the public key of the required signer of the snapshots that are used; undefined: they need no
   * signature.
   */
  readonly verifyWith?: string;
  readonly user: string;
  readonly hostname: string;
  /** The time of day. */
  readonly now: () => Date;
  /** Milliseconds since any fixed point. */
  readonly clock: () => number;
  /** Every statement sent to a server, without secrets. */
  readonly onStatement?: (node: string, statement: string) => void;
  /** A server does not answer, or answers again. */
  readonly onSilence?: (node: string, silence: Silence) => void;
  /** Of a worker: another one takes over its operations where its sessions end, so that they end soon (SessionOptions). */
  readonly leased?: boolean;
  /** Aborted: the command is to end, and servers that do not answer are not waited for. */
  readonly interrupt?: AbortSignal;
}
