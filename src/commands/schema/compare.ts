// steep schema compare

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import {
  nodeChoice,
  nodeChoiceFlags,
  peerChoice,
  peerChoiceFlags,
  tableFlags,
  wantedTables,
} from '../../cli/flags/schema-flags.ts';
import { renderComparison } from '../../cli/render/schema/render-schema-comparison.ts';
import { compareNodeSchemas } from '../../workflows/schema/schema.ts';

export default class SchemaCompare extends BaseCommand {
  static override summary = 'Compare the tables of two nodes by their fingerprints.';

  static override description =
    'Read-only; needs only the right to connect, and no steep_repl. A schema that is the same on both nodes is ' +
    'one line; --all lists each of its tables. Exits with 2 if a table is not the same.';

  static override examples = [
    '<%= config.bin %> schema compare --node primary --peer reporting',
    '<%= config.bin %> schema compare --node primary --peer reporting --fingerprint replication --schema billing',
    '<%= config.bin %> schema compare -c postgresql://10.0.0.4/app --peer-connection postgresql://10.0.1.9/app --tables orders,customers',
  ];

  static override exitCodes = ['difference', 'incomplete', 'invalidFile'] as const;

  static override flags = {
    ...nodeChoiceFlags,
    ...peerChoiceFlags,
    ...tableFlags,
    fingerprint: Flags.option({
      summary: 'What must be the same: the whole definition, or what apply needs.',
      options: ['strict', 'replication'] as const,
      default: 'strict',
    })(),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(SchemaCompare);
    const request = {
      file: flags.config,
      local: nodeChoice(flags),
      remote: peerChoice(flags),
      wanted: wantedTables(flags),
      fingerprint: flags.fingerprint,
      everyTable: flags.all,
    };
    const result = await compareNodeSchemas(request, this.runtime(flags));
    const style = this.style(flags['no-color']);
    if (result.outcome !== 'read') return this.notRead(result, style);
    this.log(renderComparison(result.report, style));
    if (!result.report.identical) this.endWith('difference');
    return result.report;
  }
}
