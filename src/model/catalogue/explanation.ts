// What `steep explain CODE` says about a hazard or an error. Fixed per code; live numbers and names
// are in the hazard's or the error's own sentence.

import type { DiagnosticSeverity } from '../diagnostic.ts';
import type { Severity } from '../plan/hazard.ts';

export interface Explanation<S extends string = string> {
  /** The usual one; a policy or the case at hand can raise it. */
  readonly severity: S;
  /** A short summary without a full stop, the same wherever the code is shown. */
  readonly title: string;
  readonly meaning: string;
  readonly cause: string;
  readonly cure: string;
  /** To copy: one command or statement each, with NAME in capitals where a name goes. */
  readonly commands?: readonly string[];
  /** Where PostgreSQL's behaviour depends on its version. */
  readonly versions?: string;
}

export type HazardExplanation = Explanation<Severity>;
export type ErrorExplanation = Explanation<DiagnosticSeverity>;

/** An explanation with its code; a code can be a hazard before a run and an error during it. */
export interface ExplainedCode extends Explanation {
  readonly code: string;
  readonly kind: 'hazard' | 'error';
}
