// What the init commands take: the node that is filled, and which of its sources.

import { Args, Flags } from '@oclif/core';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { tableFlags } from './schema-flags.ts';

export const scopedInitArgs = {
  node: Args.string({ description: 'The node that is filled.', required: true }),
};

export const sourceFlag = {
  from: Flags.string({
    summary: 'Only tables from this node; default: from all its sources.',
    helpValue: 'NODE',
  }),
};

/** What is initialized again. */
export const scopeFlags = {
  tables: tableFlags.tables,
  schema: tableFlags.schema,
  full: Flags.boolean({
    summary: 'Everything: the subscription and its slot are dropped and created again.',
    exclusive: ['tables', 'schema'],
  }),
};

interface ScopeFlags {
  readonly tables?: readonly string[] | undefined;
  readonly schema?: readonly string[] | undefined;
  readonly full?: boolean | undefined;
}

/** @throws SteepError USAGE (exit 64) where nothing is chosen: leaving out a flag must not reset anything. */
export const initScope = ({ tables, schema, full }: ScopeFlags) => {
  if (tables === undefined && schema === undefined && full !== true) {
    throw new SteepError('USAGE', 'Name what should be copied again.', {
      exit: ExitCode.usage,
      suggestions: ['--tables public.orders,public.refunds, --schema billing, or --full'],
    });
  }
  return { tables: tables ?? null, schemas: schema ?? null };
};
