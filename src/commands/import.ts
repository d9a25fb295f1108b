// steep import --node NAME=URL…

import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { nodeFlag } from '../cli/flags/node-flag.ts';
import { renderImport } from '../cli/render/render-import.ts';
import { importTopology } from '../workflows/import/import.ts';

export default class Import extends BaseCommand {
  static override summary = 'Write a steep.yaml that describes what exists.';

  static override description =
    'Read-only on the servers. Applying the file adopts what it describes and changes nothing else; the end of the file lists what was left out, and why.';

  static override examples = [
    '<%= config.bin %> import --node primary=postgresql://steep@10.0.0.4/app --node reporting',
    '<%= config.bin %> import --node primary --node reporting --out live.yaml',
  ];

  static override exitCodes = ['incomplete'] as const;

  static override flags = {
    node: nodeFlag({
      summary: 'A node and its URL; default: the variable NAME_URL. Repeatable.',
      multiple: true,
      required: true,
    }),
    out: Flags.string({
      summary: 'The file to write.',
      helpValue: 'FILE',
      default: 'steep.yaml',
    }),
    force: Flags.boolean({ summary: 'Overwrite an existing file.' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(Import);
    const { node: nodes, out, force } = flags;
    const runtime = this.runtime(flags);
    const { diagnostics, imported } = await importTopology({ nodes, out, force }, runtime);
    const style = this.style(flags['no-color']);
    this.tell(diagnostics, style);
    if (imported !== null) {
      this.log(renderImport(imported));
      return { ...imported, diagnostics };
    }
    return this.unreadDocument('A node could not be read; nothing was written.', diagnostics);
  }
}
