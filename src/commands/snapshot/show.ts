// steep snapshot show SNAPSHOT

import { BaseCommand } from '../../cli/base-command.ts';
import { recordFlags, recordNode, snapshotArg } from '../../cli/flags/snapshot-flags.ts';
import { renderSnapshot } from '../../cli/render/snapshot/render-snapshot.ts';
import { showSnapshot } from '../../workflows/snapshot/snapshot-show.ts';

export default class SnapshotShow extends BaseCommand {
  static override summary = 'Show the content of a snapshot, and how to use it.';

  static override description =
    'Read-only. Reads only the manifest; steep snapshot verify checks every file. --json ' +
    'prints the manifest.';

  static override examples = [
    '<%= config.bin %> snapshot show /backups/sales',
    '<%= config.bin %> snapshot show s3://backups/sales --json',
    '<%= config.bin %> snapshot show 20261204_143000_k3x9',
  ];

  static override exitCodes = ['refused', 'incomplete', 'invalidFile'] as const;

  static override args = snapshotArg;

  static override flags = recordFlags('an id is searched on every node');

  async run(): Promise<object> {
    const { args, flags } = await this.parse(SnapshotShow);
    const style = this.style(flags['no-color']);
    const request = { file: flags.config, snapshot: args.snapshot, node: recordNode(flags) };
    const result = await showSnapshot(request, this.runtime(flags));
    if (result.outcome !== 'read') return this.notRead(result, style);
    this.log(renderSnapshot(result, style));
    return result.manifest;
  }
}
