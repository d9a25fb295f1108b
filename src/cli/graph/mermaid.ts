// A topology as a Mermaid flowchart, which GitHub and GitLab draw inside Markdown.

import { strokes } from './colours.ts';
import type { Drawing } from './drawing.ts';

/** The text of a `mermaid` block. */
export const renderMermaid = ({ title, boxes, arrows }: Drawing): string =>
  [
    'flowchart LR',
    `  accTitle: ${plainWords(title)}`,
    ...boxes.map(({ id, lines }) => `  ${id}[${label(lines)}]`),
    ...arrows.map(({ from, to, lines }) => `  ${from} -->|${label(lines)}| ${to}`),
    ...boxes
      .filter(({ tone }) => tone !== 'plain')
      .map(({ id, tone }) => `  style ${id} stroke:${strokes[tone]}`),
    ...boxes.filter(({ outside }) => outside).map(({ id }) => `  style ${id} stroke-dasharray:4`),
    ...arrows.flatMap(({ tone }, index) =>
      tone === 'plain' ? [] : [`  linkStyle ${index} stroke:${strokes[tone]}`],
    ),
    '',
  ].join('\n');

const label = (lines: readonly string[]): string => `"${lines.map(coded).join('<br/>')}"`;

/** Labels are Markdown and HTML to Mermaid: whatever could mean something there is a character code. */
const coded = (text: string): string =>
  text.replace(
    /[^\p{L}\p{M}\p{N} _,./()\u{fffd}-]/gu,
    (character) => `#${character.codePointAt(0)};`,
  );

const plainWords = (text: string): string => text.replace(/[;#]/g, ' ');
