// Asks before a plan runs: only "yes" is a yes, and each danger wants its address typed.

import { createInterface } from 'node:readline/promises';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/exit-code.ts';
import type { Hazard } from '../model/hazard.ts';

export interface Answer {
  readonly approved: boolean;
  readonly allowed: readonly { readonly code: string; readonly address: string }[];
}

export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

const noTerminal = (): SteepError =>
  new SteepError(
    'NO_TERMINAL',
    'There is no terminal to ask on, and --auto-approve is not given.',
    {
      exit: ExitCode.usage,
      suggestions: ['Use --auto-approve, or apply a saved plan: steep apply PLAN'],
    },
  );

/** Asks for each danger, then for the plan. Anything else than the expected word declines. */
const ask = async (dangers: readonly Hazard[], terminal: Terminal): Promise<Answer> => {
  const prompt = createInterface(terminal);
  try {
    const allowed: { code: string; address: string }[] = [];
    for (const { code, address } of dangers) {
      const typed = await prompt.question(
        `${code}: type the address ${address} to agree to this danger: `,
      );
      if (typed.trim() !== address) return { approved: false, allowed: [] };
      allowed.push({ code, address });
    }
    const word = await prompt.question('Apply this plan? Only "yes" is accepted: ');
    return { approved: word.trim() === 'yes', allowed };
  } finally {
    prompt.close();
  }
};

/**
 * @param autoApprove stands for the yes, never for a danger.
 * @throws SteepError NO_TERMINAL (exit 64).
 */
export const approve = async (
  dangers: readonly Hazard[],
  autoApprove: boolean,
  terminal: Terminal,
): Promise<Answer> => {
  if (autoApprove) return { approved: true, allowed: [] };
  if (!terminal.input.isTTY) throw noTerminal();
  return ask(dangers, terminal);
};
