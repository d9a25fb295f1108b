// steep schema export

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import {
  nodeChoice,
  nodeChoiceFlags,
  tableFlags,
  wantedTables,
} from '../../cli/flags/schema-flags.ts';
import { writeText } from '../../workflows/files.ts';
import { exportSchema } from '../../workflows/schema/schema-export.ts';

export default class SchemaExport extends BaseCommand {
  static override summary = 'Write SQL that creates the tables of a node in an empty database.';

  static override description =
    'Read-only. Schemas, types, sequences, tables, keys, indexes, partitions and constraints, for any major version that ' +
    'supports them; on an older one, the script says what needs a newer one, and does nothing. Functions and ' +
    'other code that tables use are named but not written.';

  static override examples = [
    '<%= config.bin %> schema export --node primary > schema.sql',
    '<%= config.bin %> schema export -c postgresql://10.0.0.4/app --schema billing --out billing.sql',
  ];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override flags = {
    ...nodeChoiceFlags,
    ...tableFlags,
    out: Flags.string({ summary: 'Write the script to this file.', helpValue: 'FILE' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(SchemaExport);
    const request = { file: flags.config, node: nodeChoice(flags), wanted: wantedTables(flags) };
    const result = await exportSchema(request, this.runtime(flags));
    const style = this.style(flags['no-color']);
    if (result.outcome !== 'read') return this.notRead(result, style);
    const { diagnostics, sql } = result.report;
    this.tell(diagnostics, style);
    if (flags.out === undefined) this.logExactly(sql.trimEnd());
    else await writeText(flags.out, sql);
    return result.report;
  }
}
