// steep schema capture

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { waitForLockFlag } from '../../cli/flags/flags.ts';
import {
  capturedNodes,
  connectionFlag,
  tableFlags,
  wantedTables,
} from '../../cli/flags/schema-flags.ts';
import { catchInterrupts } from '../../cli/interrupts.ts';
import { sayOnStderr } from '../../cli/output.ts';
import { plural } from '../../cli/render/layout.ts';
import { type CaptureRequest, captureSchemas } from '../../workflows/schema/schema-capture.ts';

export default class SchemaCapture extends BaseCommand {
  static override summary =
    'Record the fingerprints of nodes: to compare them in psql, and as the base of drift.';

  static override description =
    'Writes to steep_repl.schema_fingerprints. Each of the nodes records the fingerprints of all of them, so that ' +
    'steep_repl.compare_fingerprints() answers on any. steep drift compares the tables of a node with the recorded ones: ' +
    'capture only what is intended.';

  static override examples = [
    '<%= config.bin %> schema capture',
    '<%= config.bin %> schema capture --node primary --tables public.orders',
    '<%= config.bin %> schema capture --node primary --node reporting --schema billing',
    '<%= config.bin %> schema capture -c postgresql://10.0.0.4/app --as primary',
  ];

  static override exitCodes = ['locked', 'incomplete', 'invalidFile'] as const;

  static override flags = {
    node: Flags.string({
      summary: 'A node of steep.yaml; default: all. Repeatable.',
      helpValue: 'NAME',
      multiple: true,
      exclusive: ['connection'],
    }),
    connection: connectionFlag,
    as: Flags.string({
      summary: 'The name of the node of --connection.',
      helpValue: 'NAME',
      dependsOn: ['connection'],
    }),
    ...tableFlags,
    'wait-for-lock': waitForLockFlag,
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(SchemaCapture);
    const wanted = wantedTables(flags);
    const interrupts = catchInterrupts(
      () => sayOnStderr('Interrupted: fingerprints that are already recorded stay.'),
      () => undefined,
    );
    const { signal } = interrupts;
    const request: CaptureRequest = {
      file: flags.config,
      nodes: capturedNodes(flags),
      wanted,
      waitForLockMs: flags['wait-for-lock'],
      signal,
      onEvent: (event) => this.logEvent(event),
      say: sayOnStderr,
    };
    try {
      const result = await captureSchemas(request, this.runtime(flags, signal));
      if (result.outcome !== 'read') return this.notRead(result, this.style(flags['no-color']));
      for (const { name, tables } of result.report.nodes) {
        this.log(`${name}: ${plural(tables, 'table')} captured.`);
      }
      return result.report;
    } finally {
      interrupts.restore();
    }
  }
}
