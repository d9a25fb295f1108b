// steep replication subscription list

import { BaseCommand } from '../../../cli/base-command.ts';
import { edgePlaceFlags, placeOf } from '../../../cli/flags/primitive-flags.ts';
import { renderObjects } from '../../../cli/render/render-objects.ts';
import { listOnNode } from '../../../workflows/primitives/list-objects.ts';

export default class ReplicationSubscriptionList extends BaseCommand {
  static override summary = 'The subscriptions of a database.';

  static override description = 'Read-only. Connections are left out: they may hold passwords.';

  static override examples = ['<%= config.bin %> replication sub list --node reporting'];

  static override aliases = ['replication:sub:list'];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override flags = edgePlaceFlags;

  async run(): Promise<object> {
    const { flags } = await this.parse(ReplicationSubscriptionList);
    const request = { place: placeOf(flags), kind: 'subscriptions', name: null } as const;
    const result = await listOnNode(request, this.runtime(flags));
    return this.printRead(result, flags, (report) =>
      renderObjects('subscriptions', report.subscriptions, report.node),
    );
  }
}
