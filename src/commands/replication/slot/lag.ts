// steep replication slot lag [NAME]

import { Args } from '@oclif/core';
import { BaseCommand } from '../../../cli/base-command.ts';
import { placeFlags, placeOf } from '../../../cli/flags/primitive-flags.ts';
import { renderObjects } from '../../../cli/render/render-objects.ts';
import { listOnNode } from '../../../workflows/primitives/list-objects.ts';

export default class ReplicationSlotLag extends BaseCommand {
  static override summary =
    'How far one slot, or every slot, is behind, and how much WAL it keeps.';

  static override description = 'Read-only.';

  static override examples = ['<%= config.bin %> replication slot lag sales --node primary'];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override args = {
    name: Args.string({ description: 'The slot; default: all.' }),
  };

  static override flags = placeFlags;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ReplicationSlotLag);
    const request = { place: placeOf(flags), kind: 'slots', name: args.name ?? null } as const;
    const result = await listOnNode(request, this.runtime(flags));
    return this.printRead(result, flags, (report) =>
      renderObjects('slots', report.slots, report.node),
    );
  }
}
