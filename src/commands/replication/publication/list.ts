// steep replication publication list

import { BaseCommand } from '../../../cli/base-command.ts';
import { placeFlags, placeOf } from '../../../cli/flags/primitive-flags.ts';
import { renderObjects } from '../../../cli/render/render-objects.ts';
import { listOnNode } from '../../../workflows/primitives/list-objects.ts';

export default class ReplicationPublicationList extends BaseCommand {
  static override summary = 'The publications of a database, and what they send.';

  static override description = 'Read-only.';

  static override examples = ['<%= config.bin %> replication pub list --node primary'];

  static override aliases = ['replication:pub:list'];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override flags = placeFlags;

  async run(): Promise<object> {
    const { flags } = await this.parse(ReplicationPublicationList);
    const request = { place: placeOf(flags), kind: 'publications', name: null } as const;
    const result = await listOnNode(request, this.runtime(flags));
    return this.printRead(result, flags, (report) =>
      renderObjects('publications', report.publications, report.node),
    );
  }
}
