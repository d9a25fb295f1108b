// What becomes of schemas that differ, where a flag says it.

import { Flags } from '@oclif/core';
import type { PlanOptions } from '../../model/plan/plan.ts';
import { schemaSyncs } from '../../model/schema/schema-change.ts';

/** Of the commands that fill tables of a subscriber. */
export const schemaSyncFlag = Flags.string({
  summary: 'What happens if schemas differ; overrides steep.yaml.',
  options: schemaSyncs,
});

/** What the flag says, if it is given. */
export const schemaSyncOf = (flags: {
  readonly 'schema-sync'?: string | undefined;
}): Pick<PlanOptions, 'schemaSync'> => {
  const schemaSync = schemaSyncs.find((mode) => mode === flags['schema-sync']);
  return schemaSync === undefined ? {} : { schemaSync };
};
