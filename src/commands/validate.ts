// steep validate

import { BaseCommand } from '../cli/base-command.ts';
import { plural } from '../cli/render/layout.ts';
import { countDiagnostics, renderDiagnostics } from '../cli/render/render-diagnostics.ts';
import { validateFileAt } from '../workflows/validate.ts';

export default class Validate extends BaseCommand {
  static override summary = 'Check steep.yaml, offline.';

  static override description =
    'Needs no server and no environment variables. Prints all findings, with their positions in the file.';

  static override examples = ['<%= config.bin %> validate', '<%= config.bin %> validate --json'];

  static override exitCodes = ['invalidFile'] as const;

  async run(): Promise<object> {
    const { flags } = await this.parse(Validate);
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
