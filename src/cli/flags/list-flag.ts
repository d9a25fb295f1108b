// A flag that takes several words at once.

import { Flags } from '@oclif/core';
import { usage } from './flags.ts';

/** Words of a list, `a,b`: each one of these, each once. */
export const listFlagOf = <K extends string>(words: readonly K[]) =>
  Flags.custom<readonly K[]>({
    helpValue: words.join(','),
    parse: (input) => {
      const given = input.split(',').map((word) => word.trim());
      const known = words.filter((word) => given.includes(word));
      return given.every((word) => words.some((other) => other === word))
        ? Promise.resolve(known)
        : Promise.reject(usage(`"${input}" is not a valid list.`, `Known: ${words.join(', ')}.`));
    },
  });
