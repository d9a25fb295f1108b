// steep snapshot delete SNAPSHOT

import { Flags } from '@oclif/core';
import { confirm } from '../../cli/approve.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { waitForLockFlag } from '../../cli/flags/flags.ts';
import { recordFlags, recordNode, snapshotArg } from '../../cli/flags/snapshot-flags.ts';
import { catchInterrupts } from '../../cli/interrupts.ts';
import { sayOnStderr } from '../../cli/output.ts';
import { renderDeleted, renderDeletion } from '../../cli/render/snapshot/render-snapshot-delete.ts';
import type { RunEvent } from '../../model/event.ts';
import { deleteSnapshot } from '../../workflows/snapshot/snapshot-delete.ts';

export default class SnapshotDelete extends BaseCommand {
  static override summary =
    'Delete a snapshot, and drop the slot on its source that holds WAL for it.';

  static override description =
    'Shows what goes, and asks. The slot is only dropped where nobody reads it or has read it; slots of ' +
    'subscriptions are copies of it, and stay. A slot that the source does not know as that of the snapshot must be ' +
    'named with --drop-slot. Files that are not of the snapshot stay, and are named. One that was ' +
    'not finished goes too. Interrupted, the same command finishes it.';

  static override examples = [
    '<%= config.bin %> snapshot delete /backups/sales',
    '<%= config.bin %> snapshot delete 20261204_143000_k3x9 --auto-approve',
    '<%= config.bin %> snapshot delete s3://backups/sales -c postgresql://10.0.0.4/app',
    '<%= config.bin %> snapshot delete /mnt/copy-of-sales --keep-slot',
  ];

  static override exitCodes = ['refused', 'locked', 'incomplete', 'invalidFile'] as const;

  static override args = snapshotArg;

  static override flags = {
    ...recordFlags('the source that the snapshot names'),
    'keep-slot': Flags.boolean({
      summary: 'Take away the files only: for a copy of a snapshot, or where its source is gone.',
    }),
    'drop-slot': Flags.string({
      summary: 'Drop this slot, although the source has no record that it is of the snapshot.',
      helpValue: 'NAME',
      exclusive: ['keep-slot'],
    }),
    'auto-approve': Flags.boolean({ summary: 'Do not ask.' }),
    'wait-for-lock': waitForLockFlag,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(SnapshotDelete);
    const style = this.style(flags['no-color']);
    const interrupts = catchInterrupts(
      () => void process.stderr.write('Interrupted: the same command again finishes it.\n'),
      () => undefined,
    );
    const { signal } = interrupts;
    const terminal = { input: process.stdin, output: process.stdout };
    const request = {
      file: flags.config,
      snapshot: args.snapshot,
      node: recordNode(flags),
      keepSlot: flags['keep-slot'],
      dropSlot: flags['drop-slot'] ?? null,
      waitForLockMs: flags['wait-for-lock'],
      signal,
      confirm: (deletion: Parameters<typeof renderDeletion>[0]): Promise<boolean> => {
        this.log(renderDeletion(deletion, style));
        return confirm('Delete this snapshot?', flags['auto-approve'], terminal, signal);
      },
      onEvent: (event: RunEvent): void => this.logEvent(event),
      say: sayOnStderr,
    };
    try {
      const result = await deleteSnapshot(request, this.runtime(flags, interrupts.signal));
      if (result.outcome !== 'over') return this.notRead(result, style);
      this.log(renderDeleted(result.report));
      if (result.report.outcome === 'declined') this.endWith('error');
      return result.report;
    } finally {
      interrupts.restore();
    }
  }
}
