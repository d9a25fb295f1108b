// steep node heartbeat NODE

import { BaseCommand } from '../../cli/base-command.ts';
import { connectionOnly, nameArg, ofNode, placeOf } from '../../cli/flags/primitive-flags.ts';
import { heartbeat } from '../../workflows/primitives/heartbeat.ts';

export default class NodeHeartbeat extends BaseCommand {
  static override summary = 'Note that a registered node was seen now.';

  static override description = 'Runs of steep do so by themselves. It takes no run lock.';

  static override examples = ['<%= config.bin %> node heartbeat primary'];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override args = nameArg('node');

  static override flags = connectionOnly;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(NodeHeartbeat);
    const result = await heartbeat(placeOf(ofNode(args.name, flags)), this.runtime(flags));
    return this.printRead(result, flags, ({ node }) => `Node ${node} was seen now.`);
  }
}
