// steep drift

import { BaseCommand } from '../cli/base-command.ts';
import { driftReportText } from '../cli/drift-output.ts';
import { driftFlags } from '../cli/flags/drift-flags.ts';
import { renderDrift } from '../cli/render/render-drift.ts';
import { writeText } from '../workflows/files.ts';
import { drift, exitOfDrift } from '../workflows/observe/drift.ts';

export default class Drift extends BaseCommand {
  static override summary = 'Compare the servers with what was last applied.';

  static override description =
    'Read-only: sends only SELECT, takes no lock, needs no DDL rights; for class data it reads the rows of tables, as steep verify does. Edits of steep.yaml that were not ' +
    'applied yet are pending, not drift; objects that steep does not manage are never drift.';

  static override examples = [
    '<%= config.bin %> drift',
    '<%= config.bin %> drift --class topology,runtime',
    '<%= config.bin %> drift --report junit=drift.xml --report markdown=drift.md',
  ];

  static override exitCodes = ['difference', 'incomplete', 'invalidFile'] as const;

  static override flags = driftFlags;

  async run(): Promise<object> {
    const { flags } = await this.parse(Drift);
    const request = {
      file: flags.config,
      classes: flags.class,
      skipConnections: flags['skip-connections'],
    };
    const { diagnostics, report } = await drift(request, this.runtime(flags));
    const style = this.style(flags['no-color']);
    this.tell(diagnostics, style);
    if (report === null) return this.invalidFile(diagnostics);
    for (const { kind, path } of flags.report ?? []) {
      await writeText(path, driftReportText(kind, report));
    }
    this.log(renderDrift(report, style));
    process.exitCode = exitOfDrift[report.outcome];
    return report;
  }
}
