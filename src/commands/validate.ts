// steep validate

import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { plural } from '../cli/render/layout.ts';
import { countDiagnostics, renderDiagnostics } from '../cli/render/render-diagnostics.ts';
import { editorFiles, editorSchema, validateFileAt } from '../workflows/validate.ts';

export default class Validate extends BaseCommand {
  static override summary = 'Check steep.yaml, offline.';

  static override description =
    'Needs no server and no environment variables. Prints all findings, with their positions in the file.';

  static override examples = [
    '<%= config.bin %> validate',
    '<%= config.bin %> validate --json',
    '<%= config.bin %> validate --print-schema steep.yaml > steep.schema.json',
  ];

  static override flags = {
    'print-schema': Flags.option({
      summary:
        'Check nothing: print the JSON Schema by which an editor completes steep.yaml, or a file that it includes.',
      options: editorFiles,
      helpValue: editorFiles.join('|'),
    })(),
  };

  static override exitCodes = ['invalidFile'] as const;

  async run(): Promise<object> {
    const { flags } = await this.parse(Validate);
    if (flags['print-schema'] !== undefined) {
      const schema = editorSchema(flags['print-schema']);
      this.log(JSON.stringify(schema, null, 2));
      return schema;
    }
    const result = validateFileAt(flags.config, this.runtime(flags));
    const style = this.style(flags['no-color']);
    if (result.diagnostics.length > 0)
      this.log(`${renderDiagnostics(result.diagnostics, style)}\n`);
    const { nodes, publications, subscriptions } = result.counts;
    this.log(
      result.valid
        ? `${flags.config} is valid: ${plural(nodes, 'node')}, ${plural(publications, 'publication')}, ${plural(subscriptions, 'subscription')}.`
        : `${flags.config} is not valid: ${countDiagnostics(result.diagnostics)}.`,
    );
    if (!result.valid) this.endWith('invalidFile');
    return result;
  }
}
