// A step with its statements, for tests of what the executors send.

import type { Step, StepKind, StepOf } from '../../../src/model/step/step.ts';
import type { StepExecution } from '../../../src/model/step/step-execution.ts';

export interface StepCase {
  readonly step: Step;
  readonly statements: readonly string[];
  /** Where it is not a transaction that can be undone and takes no lock. */
  readonly rest?: Partial<StepExecution>;
}

type Payload<K extends StepKind> = Omit<
  StepOf<K>,
  'id' | 'kind' | 'node' | 'address' | 'why' | 'needs' | 'hazards' | 'owns' | 'forgets'
>;

/** A step of node `n`. */
export const step = <K extends StepKind>(kind: K, payload: Payload<K>, rest: Partial<Step> = {}) =>
  ({
    id: `${kind} n/x.y`,
    kind,
    node: 'n',
    address: 'n/x.y',
    why: '',
    needs: [],
    hazards: [],
    owns: null,
    forgets: [],
    ...payload,
    ...rest,
  }) as unknown as Step;

/** A name that wants quoting, and quotes inside. */
export const odd = 'Odd "Name"';
