// A topology in the language of Graphviz.

import { strokes } from './colours.ts';
import type { Drawing } from './drawing.ts';

/** The text of a `.dot` file. */
export const renderDot = ({ title, boxes, arrows }: Drawing): string =>
  [
    'digraph steep {',
    `  graph [rankdir=LR, label=${label([title])}, labelloc=b, fontname="sans-serif", fontsize=10]`,
    '  node [shape=box, style=rounded, fontname="sans-serif", fontsize=12]',
    '  edge [fontname="sans-serif", fontsize=10]',
    ...boxes.map(({ id, lines, tone, outside }) => {
      const style = outside ? ', style="rounded,dashed"' : '';
      return `  ${id} [label=${label(lines)}, color="${strokes[tone]}"${style}]`;
    }),
    ...arrows.map(
      ({ from, to, lines, tone }) =>
        `  ${from} -> ${to} [label=${label(lines)}, color="${strokes[tone]}"]`,
    ),
    '}',
    '',
  ].join('\n');

const label = (lines: readonly string[]): string => `"${lines.map(escaped).join('\\n')}"`;

/** Backslashes and quotes as in C, and `&`, since Graphviz reads entities in labels. */
const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;');
