// steep replication origin list

import { BaseCommand } from '../../../cli/base-command.ts';
import { placeFlags, placeOf } from '../../../cli/flags/primitive-flags.ts';
import { renderObjects } from '../../../cli/render/render-objects.ts';
import { listOnNode } from '../../../workflows/primitives/list-objects.ts';

export default class ReplicationOriginList extends BaseCommand {
  static override summary = 'The replication origins of a server, and their positions.';

  static override description = 'Read-only.';

  static override examples = ['<%= config.bin %> replication origin list --node reporting'];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override flags = placeFlags;

  async run(): Promise<object> {
    const { flags } = await this.parse(ReplicationOriginList);
    const request = { place: placeOf(flags), kind: 'origins', name: null } as const;
    const result = await listOnNode(request, this.runtime(flags));
    return this.printRead(result, flags, (report) =>
      renderObjects('origins', report.origins, report.node),
    );
  }
}
