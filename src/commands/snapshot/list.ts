// steep snapshot list [PLACE]

import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { assertOneList, recordFlags, recordNode } from '../../cli/flags/snapshot-flags.ts';
import { renderSnapshots } from '../../cli/render/snapshot/render-snapshots.ts';
import { listRecorded, listStored } from '../../workflows/snapshot/snapshot-list.ts';

export default class SnapshotList extends BaseCommand {
  static override summary =
    'List snapshots: below a directory or bucket, or on record on their sources.';

  static override description =
    'Read-only; newest first, with unfinished ones. Snapshots on record are listed with their slot: whether it ' +
    'still exists, and how much WAL it keeps.';

  static override examples = [
    '<%= config.bin %> snapshot list',
    '<%= config.bin %> snapshot list /backups',
    '<%= config.bin %> snapshot list s3://backups/steep --json',
    '<%= config.bin %> snapshot list --node primary --deleted',
  ];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override args = {
    place: Args.string({
      description: 'A directory or s3://BUCKET/PREFIX; default: snapshots on record.',
    }),
  };

  static override flags = {
    ...recordFlags('every node'),
    deleted: Flags.boolean({ summary: 'Also list deleted snapshots on record.' }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(SnapshotList);
    const style = this.style(flags['no-color']);
    assertOneList(args.place, flags);
    const node = recordNode(flags);
    if (args.place !== undefined) {
      const list = await listStored(args.place);
      this.log(renderSnapshots(list, style));
      return list;
    }
    const request = { file: flags.config, node, deletedToo: flags.deleted };
    const result = await listRecorded(request, this.runtime(flags));
    if (result.outcome !== 'read') return this.notRead(result, style);
    this.tell(result.diagnostics, style);
    this.log(renderSnapshots(result.report, style));
    this.endUnread(result.diagnostics.map(({ code }) => code));
    return { ...result.report, diagnostics: result.diagnostics };
  }
}
