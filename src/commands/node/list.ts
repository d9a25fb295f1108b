// steep node list

import { BaseCommand } from '../../cli/base-command.ts';
import { placeFlags, placeOf } from '../../cli/flags/primitive-flags.ts';
import { renderObjects } from '../../cli/render/render-objects.ts';
import { listOnNode } from '../../workflows/primitives/list-objects.ts';

export default class NodeList extends BaseCommand {
  static override summary = 'The nodes that steep_repl of a database knows.';

  static override description = 'Read-only.';

  static override examples = ['<%= config.bin %> node list --node primary'];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override flags = placeFlags;

  async run(): Promise<object> {
    const { flags } = await this.parse(NodeList);
    const request = { place: placeOf(flags), kind: 'nodes', name: null } as const;
    const result = await listOnNode(request, this.runtime(flags));
    return this.printRead(result, flags, (report) =>
      renderObjects('nodes', report.nodes, report.node),
    );
  }
}
