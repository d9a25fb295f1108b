// steep init status [NODE]

import { Args } from '@oclif/core';
import Status from '../status.ts';

export default class InitStatus extends Status {
  static override summary = 'Show the progress of initial copies into a node.';

  static override description =
    'Like status, for the subscriptions of one node; default: of all nodes.';

  static override examples = [
    '<%= config.bin %> init status',
    '<%= config.bin %> init status reporting --json',
    '<%= config.bin %> init status reporting --follow',
  ];

  static override args = {
    node: Args.string({ description: 'The node that is filled.' }),
  };

  override async run(): Promise<object> {
    const { args, flags } = await this.parse(InitStatus);
    return this.look(flags, args.node ?? null);
  }
}
