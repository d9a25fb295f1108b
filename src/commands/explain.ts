// steep explain [CODE]

import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { renderCodeList, renderExplanations } from '../cli/render/plan/render-explanation.ts';
import { allCodes, explain } from '../workflows/explain.ts';

export default class Explain extends BaseCommand {
  static override summary = 'Explain a hazard or an error: meaning, cause and cure.';
  static override description = 'Without a code, lists all codes.';
  static override args = {
    code: Args.string({ description: 'A code such as SLOT_DROP, in any case.' }),
  };
  static override examples = ['<%= config.bin %> explain SLOT_DROP', '<%= config.bin %> explain'];

  async run(): Promise<object> {
    const { args, flags } = await this.parse(Explain);
    const style = this.style(flags['no-color']);
    const codes = args.code === undefined ? allCodes() : explain(args.code);
    this.log(
      args.code === undefined ? renderCodeList(codes, style) : renderExplanations(codes, style),
    );
    return { codes };
  }
}
