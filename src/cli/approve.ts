// Asks before a plan runs: only "yes" is a yes, and each danger wants its address typed; where it is strict,
// each warning too.

import { createInterface, type Interface } from 'node:readline/promises';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { Hazard } from '../model/plan/hazard.ts';
import { interruption } from '../model/plan/interruption.ts';
import { printable } from '../model/printable.ts';
import { shellWord } from '../model/shell-word.ts';
import { withoutSecretsAndCommands } from './output.ts';

export interface Answer {
  readonly approved: boolean;
  readonly allowed: readonly { readonly code: string; readonly address: string }[];
}

export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

const noTerminal = (cure: string): SteepError =>
  new SteepError(
    'NO_TERMINAL',
    'There is no terminal to ask on, and --auto-approve was not given.',
    { exit: ExitCode.usage, suggestions: [cure] },
  );

/** What was typed; empty at the end of the input (Ctrl-D), where `question` itself would wait indefinitely. */
const question = async (prompt: Interface, text: string, signal: AbortSignal): Promise<string> => {
  const ended = new Promise<string>((resolve) => prompt.once('close', () => resolve('')));
  try {
    return (
      await Promise.race([prompt.question(withoutSecretsAndCommands(text), { signal }), ended])
    ).trim();
  } catch (error) {
    throw signal.aborted ? interruption(signal, error) : error;
  }
};

/** Asks on a terminal; Ctrl-C ends it as the signal does. */
const onTerminal = async <T>(
  terminal: Terminal,
  signal: AbortSignal,
  body: (ask: (text: string) => Promise<string>) => Promise<T>,
): Promise<T> => {
  const prompt = createInterface(terminal);
  // Where readline edits the line, Ctrl-C is a key and no signal.
  const key = new AbortController();
  prompt.on('SIGINT', () => key.abort(ExitCode.interrupted));
  const interrupted = AbortSignal.any([signal, key.signal]);
  try {
    return await body((text) => question(prompt, text, interrupted));
  } finally {
    prompt.close();
  }
};

/** As it was shown: what cannot be typed is typed by its escape. */
const names = (typed: string, address: string): boolean => typed === printable(address);

/** What is asked for a hazard that needs consent. */
export const consentQuestion = ({
  code,
  address,
  severity,
}: Pick<Hazard, 'code' | 'address' | 'severity'>): string =>
  `${code}: type the address ${printable(address)} to agree to this ${severity}: `;

/** Asks for each hazard, then for the plan, wherever `ask` does. Anything else than the expected word declines. */
export const askForPlan = async (
  hazards: readonly Hazard[],
  ask: (text: string) => Promise<string>,
): Promise<Answer> => {
  const allowed: { code: string; address: string }[] = [];
  for (const hazard of hazards) {
    const { code, address } = hazard;
    const typed = await ask(consentQuestion(hazard));
    if (!names(typed, address)) return { approved: false, allowed: [] };
    allowed.push({ code, address });
  }
  const word = await ask('Apply this plan? Only "yes" is accepted: ');
  return { approved: word === 'yes', allowed };
};

/**
 * @param hazards those that need consent and have none.
 * @param autoApprove answers yes, never for a hazard.
 * @param signal ends the asking.
 * @throws SteepError NO_TERMINAL (exit 64), INTERRUPTED.
 */
export const approve = async (
  hazards: readonly Hazard[],
  autoApprove: boolean,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Answer> => {
  if (autoApprove) return { approved: true, allowed: [] };
  if (!terminal.input.isTTY) {
    throw noTerminal('Use --auto-approve, or apply a saved plan: steep apply PLAN');
  }
  return onTerminal(terminal, signal, (ask) => askForPlan(hazards, ask));
};

/**
 * Asks for a yes to what was shown.
 * @throws SteepError NO_TERMINAL (exit 64), INTERRUPTED.
 */
export const confirm = async (
  what: string,
  autoApprove: boolean,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<boolean> => {
  if (autoApprove) return true;
  if (!terminal.input.isTTY) throw noTerminal('To approve it: --auto-approve');
  const word = await onTerminal(terminal, signal, (ask) => ask(`${what} Only "yes" is accepted: `));
  return word === 'yes';
};

/** Rows are lost for good: the address is typed, or was allowed on the command line. */
export const confirmLoss = async (
  code: string,
  address: string,
  isAllowed: boolean,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<boolean> => {
  if (isAllowed) return true;
  if (!terminal.input.isTTY) {
    throw noTerminal(`To allow it: --allow-hazard ${shellWord(`${code}=${address}`)}`);
  }
  const typed = await onTerminal(terminal, signal, (ask) =>
    ask(consentQuestion({ code, address, severity: 'danger' })),
  );
  return names(typed, address);
};
