// steep schema diff

import { BaseCommand } from '../../cli/base-command.ts';
import {
  nodeChoice,
  nodeChoiceFlags,
  peerChoice,
  peerChoiceFlags,
  tableFlags,
  wantedTables,
} from '../../cli/flags/schema-flags.ts';
import { renderSchemaDiff } from '../../cli/render/schema/render-schema-diff.ts';
import { diffNodes } from '../../workflows/schema/schema.ts';

export default class SchemaDiff extends BaseCommand {
  static override summary =
    'Show how the tables of two nodes differ, and what each difference would break.';

  static override description =
    'Read-only. The node is read as the publisher, its peer as the subscriber. Exits with 2 if there is a difference.';

  static override examples = [
    '<%= config.bin %> schema diff --node primary --peer reporting',
    '<%= config.bin %> schema diff --node primary --peer reporting --tables public.orders --json',
  ];

  static override exitCodes = ['difference', 'incomplete', 'invalidFile'] as const;

  static override flags = { ...nodeChoiceFlags, ...peerChoiceFlags, ...tableFlags };

  async run(): Promise<object> {
    const { flags } = await this.parse(SchemaDiff);
    const request = {
      file: flags.config,
      local: nodeChoice(flags),
      remote: peerChoice(flags),
      wanted: wantedTables(flags),
    };
    const result = await diffNodes(request, this.runtime(flags));
    const style = this.style(flags['no-color']);
    if (result.outcome !== 'read') return this.notRead(result, style);
    this.log(await renderSchemaDiff(result.report, style));
    if (!result.report.identical) this.endWith('difference');
    return result.report;
  }
}
