// steep show PLAN

import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { renderPlan } from '../cli/render/plan/render-plan.ts';
import { show } from '../workflows/plan/show.ts';

export default class Show extends BaseCommand {
  static override summary = 'Print a saved plan, offline, as plan printed it.';

  static override examples = ['<%= config.bin %> show change.plan'];

  static override exitCodes = ['invalidFile'] as const;

  static override args = {
    plan: Args.string({ description: 'A file written by plan --out.', required: true }),
  };

  static override flags = {
    sql: Flags.boolean({ summary: 'Print the statements as a script instead of the table.' }),
    summary: Flags.boolean({
      summary: 'Print only the summary and the last line.',
      exclusive: ['sql'],
    }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(Show);
    const { plan, document } = show(args.plan);
    const { sql, summary } = flags;
    this.log(renderPlan(plan, this.style(flags['no-color']), { sql, summary }));
    return JSON.parse(document) as object;
  }
}
