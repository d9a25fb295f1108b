// The colours of pictures. They are read on white; the words beside them say the same.

import type { Tone } from './drawing.ts';

export const strokes: Readonly<Record<Tone, string>> = {
  plain: '#57606a',
  good: '#1a7f37',
  caution: '#9a6700',
  bad: '#cf222e',
};

/** All colours of a picture: of its lines by tone, its text, its background, and its boxes and their rims. */
export interface Colours {
  readonly tones: Readonly<Record<Tone, string>>;
  readonly ink: string;
  readonly ground: string;
  readonly box: string;
  readonly rim: string;
}

export const onWhite: Colours = {
  tones: strokes,
  ink: '#1f2328',
  ground: '#ffffff',
  box: '#f6f8fa',
  rim: '#d0d7de',
};

/** Those of the page that the picture is part of, which has a dark side too. */
export const inherited: Colours = {
  tones: {
    plain: 'var(--quiet)',
    good: 'var(--good)',
    caution: 'var(--caution)',
    bad: 'var(--bad)',
  },
  ink: 'var(--ink)',
  ground: 'var(--ground)',
  box: 'var(--raised)',
  rim: 'var(--rim)',
};
