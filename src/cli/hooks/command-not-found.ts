// An unknown command: exit 64 with the nearest commands, and never a question.

import { type Hook, toConfiguredId } from '@oclif/core';
import { distance } from 'fastest-levenshtein';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';

export const commandNotFound: Hook.CommandNotFound = async ({ id, config }) => {
  const known = config.commands.filter((command) => !command.hidden).map((command) => command.id);
  const named = (command: string) => `${config.bin} ${toConfiguredId(command, config)}`;
  throw new SteepError('UNKNOWN_COMMAND', `"${named(words(id))}" is not a command.`, {
    exit: ExitCode.usage,
    suggestions: [...nearest(id, known), 'help'].map(named),
  });
};

/** What can be words of a command: oclif adds the arguments, and one of them may hold a password. */
function words(id: string): string {
  const [known = ''] = /^(?:[\w-]+(?::|$))*/.exec(id) ?? [];
  return known === id ? id : `${known}…`;
}

/** At most three commands that differ from what was typed by a slip or two, the nearest first. */
function nearest(typed: string, known: readonly string[]): readonly string[] {
  return known
    .map((command) => ({ command, slips: slips(typed, command) }))
    .filter(({ command, slips }) => slips <= Math.max(1, command.length / 3))
    .toSorted((a, b) => a.slips - b.slips)
    .slice(0, 3)
    .map(({ command }) => command);
}

/** oclif takes every word for a part of an unknown command: compare only as many words as it has. */
function slips(typed: string, command: string): number {
  const words = command.split(':').length;
  return distance(typed.split(':').slice(0, words).join(':'), command);
}
