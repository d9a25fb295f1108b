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
    'Delete a snapshot, and drop the slot on its source that keeps WAL for it.';

  static override description =
    'Shows what will be deleted, and asks. The slot is only dropped if it is not read and was never read; slots of ' +
    'subscriptions are copies of it, and stay. A slot that is not on record on the source for this snapshot must be ' +
    'named with --drop-slot. Files that are not part of the snapshot stay, and are listed. An ' +
    'unfinished snapshot can be deleted too. Safe to run again: it resumes.';

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
      summary:
        'Delete the files only: for a copy of a snapshot, or if its source no longer exists.',
    }),
    'drop-slot': Flags.string({
      summary: 'Drop this slot, although the source has no record that it belongs to the snapshot.',
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
      () => void process.stderr.write('Interrupted: run the same command again to finish.\n'),
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
