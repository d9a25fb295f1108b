// steep verify [ADDRESS…]

import { Args, type Interfaces } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { usage } from '../cli/flags/flags.ts';
import { assertQueueable, queueOf } from '../cli/flags/queue-flags.ts';
import { verifyFlags } from '../cli/flags/verify-flags.ts';
import { catchInterrupts } from '../cli/interrupts.ts';
import { makeProgressLine } from '../cli/progress/progress-line.ts';
import { renderQueued } from '../cli/render/render-operations.ts';
import { renderVerify } from '../cli/render/render-verify.ts';
import { verifyProgressText } from '../cli/render/verify-text.ts';
import { verifyCsvHeader, verifyCsvLine } from '../cli/reports/verify-csv.ts';
import { verifyReportText } from '../cli/verify-output.ts';
import type { VerificationProgress } from '../model/report/verification.ts';
import { openTextFile, writeText } from '../workflows/files.ts';
import { queueOperation } from '../workflows/queue/queue-operation.ts';
import {
  exitOfVerification,
  type VerificationRequest,
  verify,
} from '../workflows/verify/verify.ts';
import { verifyPeers } from '../workflows/verify/verify-peers.ts';

type VerifyFlags = Interfaces.InferredFlags<typeof verifyFlags & typeof BaseCommand.baseFlags>;

export default class Verify extends BaseCommand {
  static override summary = 'Compare the rows of subscribers with those of their publishers.';

  static override description =
    'Both sides may be written to meanwhile: a row counts as different only when it still differs after all changes up to then were replicated, and neither ' +
    'side has changed it. Read-only, with no lock but that of a SELECT; notes the result in steep_repl, for status. Exits ' +
    'with 2 if rows differ, and with 7 if some could not be settled or read.';

  static override examples = [
    '<%= config.bin %> verify',
    '<%= config.bin %> verify reporting/subscription.sales --tables orders,customers --jobs 4',
    '<%= config.bin %> verify -c postgresql://a/app --peer postgresql://b/app --tables orders',
    '<%= config.bin %> verify --fast --report junit=verify.xml --report csv=differences.csv',
  ];

  static override exitCodes = ['difference', 'incomplete', 'invalidFile'] as const;

  static override strict = false;

  static override args = {
    address: Args.string({
      description: 'Subscriptions, as node/subscription.name, `*` in the name; default: all.',
    }),
  };

  static override flags = verifyFlags;

  async run(): Promise<object> {
    const { flags, argv, metadata } = await this.parse(Verify);
    if (flags.queue) {
      assertQueueable(flags, metadata, ['tables', 'fast']);
      return this.queue(flags, argv.map(String));
    }
    return this.compare(flags, argv.map(String));
  }

  private async compare(flags: VerifyFlags, addresses: readonly string[]): Promise<object> {
    const style = this.style(flags['no-color']);
    const interrupts = catchInterrupts(
      () => undefined,
      () => undefined,
    );
    const line = makeProgressLine(process.stderr, this.jsonEnabled());
    const reports = flags.report ?? [];
    const keyFiles = reports.flatMap(({ kind, path }) =>
      kind === 'csv' ? [openTextFile(path)] : [],
    );
    for (const file of keyFiles) file.write(verifyCsvHeader);
    try {
      const request = {
        ...requestOf(flags, addresses),
        signal: interrupts.signal,
        onProgress: (progress: VerificationProgress) => line.showText(verifyProgressText(progress)),
        onRow: (...row: Parameters<typeof verifyCsvLine>) => {
          for (const file of keyFiles) file.write(verifyCsvLine(...row));
        },
      };
      const runtime = this.runtime(flags, interrupts.signal);
      const { diagnostics, report } = await start(flags, request, runtime);
      line.end();
      this.tell(diagnostics, style);
      if (report === null) return this.invalidFile(diagnostics);
      for (const file of keyFiles) await file.finish();
      for (const { kind, path } of reports) {
        if (kind !== 'csv') await writeText(path, verifyReportText(kind, report));
      }
      this.log(renderVerify(report, style));
      process.exitCode = exitOfVerification[report.outcome];
      return report;
    } finally {
      line.end();
      interrupts.restore();
      for (const file of keyFiles) await file.discard();
    }
  }

  private async queue(flags: VerifyFlags, addresses: readonly string[]): Promise<object> {
    const [node, subscription] = subscriptionOf(addresses);
    const { config, tables = null, fast } = flags;
    const work = { operation: 'verify', subscription, tables, fast } as const;
    const result = await queueOperation(queueOf(config, node), work, this.runtime(flags));
    return this.printRead(result, flags, renderQueued);
  }
}

/** In the queue of the subscriber. @throws SteepError USAGE */
const subscriptionOf = ([address, ...others]: readonly string[]): readonly [string, string] => {
  const [, node, name] = /^([^/]+)\/subscription\.(.+)$/s.exec(address ?? '') ?? [];
  if (node !== undefined && name !== undefined && others.length === 0) return [node, name];
  throw usage(
    'An operation in the queue verifies the subscriptions of one node.',
    'Name them: steep verify NODE/subscription.NAME --queue, or NODE/subscription.* for all.',
  );
};

/** Subscriptions of the file, or two databases of the command line. @throws SteepError USAGE */
const start = (
  { connection, peer }: Pick<VerifyFlags, 'connection' | 'peer'>,
  request: VerificationRequest,
  runtime: Parameters<typeof verify>[1],
) => {
  if (connection === undefined || peer === undefined) return verify(request, runtime);
  if (request.addresses.length === 0) return verifyPeers({ ...request, connection, peer }, runtime);
  throw usage(
    'Two databases have no subscriptions to name.',
    'Leave out the address, or -c and --peer.',
  );
};

const requestOf = (flags: VerifyFlags, addresses: readonly string[]) => ({
  file: flags.config,
  addresses,
  tables: flags.tables ?? null,
  fast: flags.fast,
  jobs: flags.jobs,
  maxRate: flags['max-rate'] ?? null,
  settleMs: flags['settle-timeout'],
});
