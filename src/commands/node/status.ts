// steep node status NODE

import { BaseCommand } from '../../cli/base-command.ts';
import { connectionOnly, nameArg, ofNode, placeOf } from '../../cli/flags/primitive-flags.ts';
import { renderObjects } from '../../cli/render/render-objects.ts';
import { listOnNode } from '../../workflows/primitives/list-objects.ts';

export default class NodeStatus extends BaseCommand {
  static override summary = 'When steep last worked on a node, and whether that was just now.';

  static override description = 'Read-only. steep status says whether the node replicates.';

  static override examples = ['<%= config.bin %> node status primary'];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override args = nameArg('node');

  static override flags = connectionOnly;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(NodeStatus);
    const place = placeOf(ofNode(args.name, flags));
    const request = { place, kind: 'nodes', name: args.name } as const;
    const result = await listOnNode(request, this.runtime(flags));
    return this.printRead(result, flags, (report) =>
      renderObjects('nodes', report.nodes, report.node),
    );
  }
}
