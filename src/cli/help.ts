// Help as oclif prints it, and the exit codes of each command.

import { CommandHelp, Help, type HelpSection } from '@oclif/core';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import { type ExitCodeName, exitCodesOf } from './exit-codes.ts';

export class SteepHelp extends Help {
  protected override CommandHelpClass = SteepCommandHelp;

  override async showHelp(argv: string[]): Promise<void> {
    try {
      await super.showHelp(argv);
    } catch (error) {
      // All that oclif throws here is that there is nothing to help with.
      throw new SteepError('UNKNOWN_COMMAND', error instanceof Error ? error.message : '', {
        exit: ExitCode.usage,
        suggestions: [`${this.config.bin} help`],
        cause: error,
      });
    }
  }
}

class SteepCommandHelp extends CommandHelp {
  protected override sections(): ReturnType<CommandHelp['sections']> {
    return [...super.sections(), { header: 'EXIT CODES', generate: () => this.exitCodes() }];
  }

  private exitCodes(): HelpSection[] {
    // The commands of plugins list none. Ours are read from the manifest, which keeps static fields.
    const { exitCodes } = this.command as { readonly exitCodes?: readonly ExitCodeName[] };
    if (!exitCodes) return [];
    const body = exitCodesOf(exitCodes).map(({ code, meaning }) => ({
      name: String(code),
      description: meaning,
    }));
    return [{ header: 'EXIT CODES', body }];
  }
}
