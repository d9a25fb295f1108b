// steep replication slot list

import { BaseCommand } from '../../../cli/base-command.ts';
import { placeFlags, placeOf } from '../../../cli/flags/primitive-flags.ts';
import { renderObjects } from '../../../cli/render/render-objects.ts';
import { listOnNode } from '../../../workflows/primitives/list-objects.ts';

export default class ReplicationSlotList extends BaseCommand {
  static override summary = 'The logical slots of a database, and the physical ones of its server.';

  static override description = 'Read-only.';

  static override examples = ['<%= config.bin %> replication slot list --node primary'];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override flags = placeFlags;

  async run(): Promise<object> {
    const { flags } = await this.parse(ReplicationSlotList);
    const request = { place: placeOf(flags), kind: 'slots', name: null } as const;
    const result = await listOnNode(request, this.runtime(flags));
    return this.printRead(result, flags, (report) =>
      renderObjects('slots', report.slots, report.node),
    );
  }
}
