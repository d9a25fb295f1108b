// The colours of pictures. They are read on white; the words beside them say the same.

import type { Tone } from './drawing.ts';

export const strokes: Readonly<Record<Tone, string>> = {
  plain: '#57606a',
  good: '#1a7f37',
  caution: '#9a6700',
  bad: '#cf222e',
};
