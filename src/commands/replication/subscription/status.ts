// steep replication subscription status [NAME]

import { Args } from '@oclif/core';
import { BaseCommand } from '../../../cli/base-command.ts';
import { edgePlaceFlags, placeOf } from '../../../cli/flags/primitive-flags.ts';
import { renderObjects } from '../../../cli/render/render-objects.ts';
import { listOnNode } from '../../../workflows/primitives/list-objects.ts';

export default class ReplicationSubscriptionStatus extends BaseCommand {
  static override summary = 'The workers of a subscription, or of all, and how far they are.';

  static override description = 'Read-only. steep status says whether replication works.';

  static override examples = ['<%= config.bin %> replication sub status sales --node reporting'];

  static override aliases = ['replication:sub:status'];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override args = {
    name: Args.string({ description: 'The subscription; default: all.' }),
  };

  static override flags = edgePlaceFlags;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ReplicationSubscriptionStatus);
    const request = {
      place: placeOf(flags),
      kind: 'subscriptions',
      name: args.name ?? null,
    } as const;
    const result = await listOnNode(request, this.runtime(flags));
    return this.printRead(result, flags, (report) =>
      renderObjects('subscriptions', report.subscriptions, report.node),
    );
  }
}
