// Comments of a rendered file: wrapped, and unable to end before their line does.

import { unprintable } from '../model/printable.ts';

const width = 98;

/** A paragraph as lines of a comment; `hanging` precedes every line but the first. */
const commentLines = (paragraph: string, hanging = ''): readonly string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of inert(paragraph).split(' ')) {
    if (line !== '' && line.length + word.length >= width) {
      lines.push(line);
      line = hanging;
    }
    line += line === '' || line === hanging ? word : ` ${word}`;
  }
  return [...lines, line];
};

/** The text of a comment as the YAML library takes it: without its `#`, which the library writes. */
export const commentText = (paragraphs: readonly string[], hanging = ''): string =>
  paragraphs
    .flatMap((paragraph) => commentLines(paragraph, hanging))
    .map((line) => ` ${line}`)
    .join('\n');

/** Names come from servers: a line break in one must not become a line of YAML. */
const inert = (text: string): string => text.replace(unprintable, '\u{fffd}');
