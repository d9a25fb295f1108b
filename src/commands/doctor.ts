// steep doctor

import { BaseCommand } from '../cli/base-command.ts';
import { doctorFlags } from '../cli/flags/doctor-flags.ts';
import { projectSource, sourceFlags } from '../cli/flags/primitive-flags.ts';
import { renderDoctor } from '../cli/render/render-doctor.ts';
import { renderGrants } from '../cli/render/render-grants.ts';
import { doctor, doctorGrants } from '../workflows/observe/doctor.ts';

export default class Doctor extends BaseCommand {
  static override summary =
    'Examine every node: release, settings, limits, rights, slots, and how nodes reach each other.';

  static override description =
    'Read-only. Exits with 1 if there is an error; warnings are allowed. --grants prints the SQL ' +
    'that creates roles with only the rights that this topology needs.';

  static override examples = [
    '<%= config.bin %> doctor',
    '<%= config.bin %> doctor --json',
    '<%= config.bin %> doctor -c postgresql://10.0.0.4/app',
    '<%= config.bin %> doctor --grants > grants.sql',
    '<%= config.bin %> doctor --grants --for plan --role ci_plan',
  ];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override flags = { ...sourceFlags, ...doctorFlags };

  async run(): Promise<object> {
    const { flags } = await this.parse(Doctor);
    const style = this.style(flags['no-color']);
    const runtime = this.runtime(flags);
    if (flags.grants) {
      const request = { command: flags.for ?? 'apply', role: flags.role ?? null } as const;
      const result = await doctorGrants(projectSource(flags), request, runtime);
      this.tell(result.diagnostics, style);
      if (result.report === null) return this.invalidFile(result.diagnostics);
      this.log(renderGrants(result.report));
      process.exitCode = result.exit;
      return result.report;
    }
    const result = await doctor(projectSource(flags), runtime);
    this.tell(result.diagnostics, style);
    if (result.report === null) return this.invalidFile(result.diagnostics);
    this.log(renderDoctor(result.report, style));
    process.exitCode = result.exit;
    return result.report;
  }
}
