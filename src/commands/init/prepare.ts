// steep init prepare NODE --from SOURCE

import { Flags, type Interfaces } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { renderFailure } from '../../cli/failure.ts';
import { limitFlags, timeFlag, usualLimits, waitForLockFlag } from '../../cli/flags/flags.ts';
import { edgeFlags, edgeOf, initArgs } from '../../cli/flags/init-flags.ts';
import { manualPlace, manualPlaceFlags } from '../../cli/flags/init-place-flags.ts';
import { catchInterrupts } from '../../cli/interrupts.ts';
import { sayOnStderr } from '../../cli/output.ts';
import { renderPrepared } from '../../cli/render/render-prepared.ts';
import type { Style } from '../../cli/render/style.ts';
import { type PrepareRequest, prepareInit } from '../../workflows/init/init-prepare.ts';

const day = 86_400_000;

export default class InitPrepare extends BaseCommand {
  static override summary =
    'Create the slot for an initial copy by hand, and export a snapshot while you take the backup.';

  static override description =
    'Prints the slot, its position, the exported snapshot, and the commands for this server. Runs until Ctrl-C, --hold or ' +
    'the expiry, because the exported snapshot exists as long as it runs; a physical backup needs none (--no-hold). It also ' +
    'counts and hashes the rows, so that init complete can check that all of them were restored. NODE need not exist yet.';

  static override examples = [
    '<%= config.bin %> init prepare reporting --from primary',
    '<%= config.bin %> init prepare reporting --from primary --hold 2h --json',
    '<%= config.bin %> init prepare reporting --from primary --no-hold --expires 72h',
  ];

  static override exitCodes = ['refused', 'locked', 'incomplete', 'invalidFile'] as const;

  static override args = initArgs;

  static override flags = {
    ...edgeFlags,
    ...manualPlaceFlags,
    hold: timeFlag({
      summary: 'How long to keep the exported snapshot; default: until the slot expires.',
    }),
    'no-hold': Flags.boolean({
      summary: 'Export no snapshot: for a physical backup.',
      exclusive: ['hold'],
    }),
    expires: timeFlag({ summary: 'When the prepared slot expires.', default: day }),
    evidence: Flags.option({
      summary: 'How init complete will compare the rows; default: hashes, or none with --no-hold.',
      options: ['hashes', 'counts', 'none'] as const,
    })(),
    renew: Flags.boolean({ summary: 'Drop the slot that was prepared before, and start over.' }),
    extend: timeFlag({
      summary: 'Only change the expiry of the prepared slot: so long from now.',
      exclusive: ['renew', 'hold', 'no-hold', 'evidence'],
    }),
    'slot-timeout': limitFlags['slot-timeout'],
    'wait-for-lock': waitForLockFlag,
  };

  private printed = false;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(InitPrepare);
    const style = this.style(flags['no-color']);
    const interrupts = catchInterrupts(
      () => this.say('Interrupted: the exported snapshot ends, the slot stays.'),
      () => undefined,
    );
    try {
      const request = this.request(args.node, flags, interrupts.signal, style);
      const { report, diagnostics } = await prepareInit(
        request,
        this.runtime(flags, interrupts.signal),
      );
      this.tell(diagnostics, style);
      return report ?? this.invalidFile(diagnostics);
    } finally {
      interrupts.restore();
    }
  }

  private request(
    node: string,
    flags: Interfaces.InferredFlags<typeof InitPrepare.flags & typeof BaseCommand.baseFlags>,
    signal: AbortSignal,
    style: Style,
  ): PrepareRequest {
    return {
      ...edgeOf(node, flags),
      file: flags.config,
      manual: manualPlace(node, flags, false),
      hold: !flags['no-hold'],
      holdMs: flags.hold ?? null,
      expiresInMs: flags.expires,
      evidence: flags.evidence ?? (flags['no-hold'] ? 'none' : 'hashes'),
      renew: flags.renew,
      extendMs: flags.extend ?? null,
      slotTimeoutMs: flags['slot-timeout'] ?? usualLimits.slotTimeoutMs,
      waitForLockMs: flags['wait-for-lock'],
      signal,
      say: (text) => this.say(text),
      onEvent: (event) => this.logEvent(event),
      onPrepared: (report) => {
        this.log(renderPrepared(report, style));
        if (this.jsonEnabled()) this.logJson(report);
      },
    };
  }

  /** Not `logToStderr`, which says nothing under --json. */
  private say(text: string): void {
    sayOnStderr(text);
  }

  /** One document, as soon as there is something to say: what comes later goes to stderr. */
  protected override logJson(json: unknown): void {
    if (!this.printed) super.logJson(json);
    this.printed = true;
  }

  protected override toErrorJson(error: unknown): object {
    if (this.printed) this.say(renderFailure(error));
    return super.toErrorJson(error);
  }
}
