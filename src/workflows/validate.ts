// Validate: steep.yaml and what it includes, offline.

import type { Diagnostic } from '../model/diagnostic.ts';
import type { ValidatedTopology } from '../topology/load.ts';
import { steepSchema } from '../topology/parse/steep-schema.ts';
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

export const editorFiles = ['steep.yaml', 'included'] as const;

/** The JSON Schema of such a file. What is included may say any part: what is required, the files say together. */
export const editorSchema = (file: (typeof editorFiles)[number]): object => {
  if (file === 'steep.yaml') return steepSchema;
  const whole: Readonly<Record<string, unknown>> = { ...steepSchema };
  const { required: _required, $id: _id, ...part } = whole;
  return { ...part, $id: 'steep-included.schema.json' };
};

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
