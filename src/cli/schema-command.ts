// What the schema commands share: how they end when a node or the file could not be read.

import type { Diagnostic } from '../model/diagnostic.ts';
import { ExitCode } from '../model/exit-code.ts';
import { BaseCommand } from './base-command.ts';
import type { Style } from './style.ts';

export interface NotRead {
  readonly outcome: 'invalid file' | 'unreadable';
  readonly diagnostics: readonly Diagnostic[];
}

export abstract class SchemaCommand extends BaseCommand {
  /** Tells the findings, sets the exit code, and returns what `--json` prints. */
  protected notRead({ outcome, diagnostics }: NotRead, style: Style): object {
    this.tell(diagnostics, style);
    if (outcome === 'invalid file') return this.invalidFile(diagnostics);
    this.endWith('incomplete');
    const message = 'A node could not be read.';
    if (!this.jsonEnabled()) this.logToStderr(message);
    const exit_code = ExitCode.incomplete;
    return { error: { code: 'NODE_UNREADABLE', message, suggestions: [], exit_code }, diagnostics };
  }
}
