// steep fmt

import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { renderFormatted } from '../cli/render/render-formatted.ts';
import { unifiedDiff } from '../cli/render/schema/unified-diff.ts';
import { fmt } from '../workflows/fmt.ts';

export default class Fmt extends BaseCommand {
  static override summary = 'Format steep.yaml and the files that it includes.';

  static override description =
    'Keeps every comment and the meaning of the file. Needs no server and no environment variables.';

  static override examples = ['<%= config.bin %> fmt', '<%= config.bin %> fmt --check --diff'];

  static override exitCodes = ['difference', 'invalidFile'] as const;

  static override flags = {
    check: Flags.boolean({ summary: 'Write nothing; exit with 2 if a file would change.' }),
    diff: Flags.boolean({ summary: 'Write nothing; print what would change.' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(Fmt);
    const { check, diff } = flags;
    const writes = !check && !diff;
    const result = await fmt(flags.config, writes, this.runtime(flags));
    this.tell(result.diagnostics, this.style(flags['no-color']));
    if (result.files === null) return this.invalidFile(result.diagnostics);

    const files = await Promise.all(
      result.files.map(async ({ file, before, after }) => ({
        file,
        changed: before !== after,
        ...(diff && { diff: await unifiedDiff(file, before, after) }),
      })),
    );
    const text = renderFormatted(files, writes);
    if (text !== '') this.log(text);
    if (check && files.some(({ changed }) => changed)) this.endWith('difference');
    return { written: writes, files };
  }
}
