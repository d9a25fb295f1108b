// Commands of steep as it prints them, for people who copy them into a shell. Names come from files and servers: each is one
// word there, whatever is in it.

import { shellWord } from './shell-word.ts';

type Word = string | number;

/** A tag of templates that begin with `steep`: the text is as it is, each value one word of a shell, a list so many words. */
export const steepCommand = (
  strings: TemplateStringsArray,
  ...values: readonly (Word | readonly Word[])[]
): string =>
  strings.reduce((text, piece, index) => {
    const value = values[index - 1];
    const words = typeof value === 'object' ? value : value === undefined ? [] : [value];
    return `${text}${words.map((word) => shellWord(String(word))).join(' ')}${piece}`;
  });
