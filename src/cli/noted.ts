// Lists with a title and a note behind each item.

import { printable } from '../model/printable.ts';
import type { Style } from './render/style.ts';

export const noted = (text: string, note: string, style: Style): string =>
  `${printable(text)}  ${style.dim(`# ${printable(note)}`)}`;

export const titled = (title: string, items: readonly string[], style: Style): readonly string[] =>
  items.length === 0
    ? []
    : [style.bold(`${title}: ${items.length}`), ...items.map((item) => `  ${item}`)];
