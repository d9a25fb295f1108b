// What is added to the steps that the rules have planned. Each rewrite is one line of the list; they run from top to bottom.

import { stepTraits } from '../model/step/step-traits.ts';
import { type PlanContext, tableOf } from './context/context.ts';
import type { StepDraft } from './draft.ts';
import { withForeignCode } from './foreign-code.ts';
import { withLoggingOff } from './rules/metadata/statement-logging.ts';
import { afterSchemas } from './rules/schema/schema-order.ts';
import { installMetadata } from './rules/steps.ts';
import { withConnection } from './rules/subscription/sent-connection.ts';

interface Rewrite {
  /** What holds after it, and why: one sentence. */
  readonly why: string;
  readonly apply: (steps: readonly StepDraft[], context: PlanContext) => readonly StepDraft[];
}

const each =
  (rewrite: (step: StepDraft, context: PlanContext) => StepDraft): Rewrite['apply'] =>
  (steps, context) =>
    steps.map((step) => rewrite(step, context));

const lastOfAll: Rewrite['apply'] = (steps) => {
  const rank = ({ kind }: StepDraft): number =>
    kind === 'drop-metadata' ? 2 : Number(kind === 'unregister-node');
  return steps.map((step) => {
    const before = steps.filter((other) => rank(other) < rank(step)).map(({ id }) => id);
    return { ...step, needs: [...step.needs, ...before] };
  });
};

const afterMetadata = (step: StepDraft): StepDraft => ({
  ...step,
  needs: [...step.needs, installMetadata.id(`${step.node}/metadata.steep_repl`)],
});

/** A step that a trial comes after itself cannot wait for it. */
const afterTrials: Rewrite['apply'] = (steps) => {
  const trials = steps.filter((step) => step.kind === 'try-subscription' && step.slot === null);
  const first = new Set(trials.flatMap(({ id, needs }) => [id, ...needs]));
  return steps.map((step) =>
    first.has(step.id) || stepTraits[step.kind].records
      ? step
      : { ...step, needs: [...step.needs, ...trials.map(({ id }) => id)] },
  );
};

const namingParents: Rewrite['apply'] = (steps, context) =>
  steps.map((step) => {
    if (step.kind !== 'truncate-tables') return step;
    const parents = step.tables.filter(
      (table) => (tableOf(context, step.node, table)?.traps?.children ?? []).length > 0,
    );
    return parents.length === 0 ? step : { ...step, parents };
  });

const rewrites: readonly Rewrite[] = [
  {
    why: 'Registrations and metadata are removed last: until then they record what steep owns.',
    apply: lastOfAll,
  },
  {
    why: 'A step records what it did in the metadata of its node, which must exist.',
    apply: each(afterMetadata),
  },
  {
    why: 'Every changed connection is tried before anything is changed: each subscription runs until all of them work.',
    apply: afterTrials,
  },
  {
    why: 'A step says where the connection string that it writes leads: this was reviewed.',
    apply: each(withConnection),
  },
  {
    why: 'A statement with a password is not written to the log of the server.',
    apply: each(withLoggingOff),
  },
  {
    why: 'Of a table that others inherit from ONLY its own rows are removed.',
    apply: namingParents,
  },
  {
    why: 'Nothing is sent to a subscriber before its tables can take it.',
    apply: each(afterSchemas),
  },
  {
    why: 'A step names the code of other roles that it runs: only this code was agreed to.',
    apply: each(withForeignCode),
  },
];

/** The steps of the rules, with what every plan adds to them. */
export const rewriteSteps: Rewrite['apply'] = (steps, context) =>
  rewrites.reduce((state, { apply }) => apply(state, context), steps);
