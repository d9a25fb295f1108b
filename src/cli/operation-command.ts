// What the commands share that look at the queue of a node, or add to it.

import type { OperationReport } from '../model/queue/operation.ts';
import type { ReadResult } from '../model/report/read-result.ts';
import { BaseCommand } from './base-command.ts';
import { renderOperation } from './render/render-operations.ts';

interface Styled {
  readonly 'no-color': boolean;
}

export abstract class OperationCommand extends BaseCommand {
  /** Prints one operation; one that has failed ends the command with 1. */
  protected showOperation(result: ReadResult<OperationReport>, flags: Styled): object {
    if (result.outcome !== 'read') return this.notRead(result, this.style(flags['no-color']));
    this.log(renderOperation(result.report));
    return result.report;
  }
}
