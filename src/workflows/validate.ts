// Validate: steep.yaml and what it includes, offline.

import type { Diagnostic } from '../model/diagnostic.ts';
import type { ValidatedTopology } from '../topology/load.ts';
import { validateFile } from './load.ts';
import type { RuntimeEnvironment } from './runtime-environment.ts';

export interface ValidateResult {
  readonly valid: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly counts: {
    readonly nodes: number;
    readonly publications: number;
    readonly subscriptions: number;
  };
}

const countsOf = ({ desired }: ValidatedTopology): ValidateResult['counts'] => ({
  nodes: desired?.nodes.length ?? 0,
  publications: desired?.publications.length ?? 0,
  subscriptions: desired?.subscriptions.length ?? 0,
});

/** Checks the file without a server and without its environment variables. */
export const validateFileAt = (path: string, runtime: RuntimeEnvironment): ValidateResult => {
  const validated = validateFile(path, runtime);
  return {
    valid: validated.desired !== null,
    diagnostics: validated.diagnostics,
    counts: countsOf(validated),
  };
};
