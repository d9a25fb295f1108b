// The colours of pictures, on white and on dark ground; the words beside them say the same.

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

/** Where the reader's screen is dark. */
const onDark: Colours = {
  tones: { plain: '#9aa4af', good: '#4cc764', caution: '#e0ab3c', bad: '#ff8078' },
  ink: '#e6edf3',
  ground: '#0d1117',
  box: '#161b22',
  rim: '#3d444d',
};

const flat = ({ tones, ...others }: Colours): Readonly<Record<string, string>> => ({
  ...tones,
  ...others,
});

/** Rules that turn a picture on white into one on dark ground, where the reader's screen is dark. */
export const darkRules = (): string => {
  const dark = flat(onDark);
  const rules = Object.entries(flat(onWhite)).flatMap(([use, light]) =>
    ['fill', 'stroke'].map((paint) => `[${paint}="${light}"]{${paint}:${dark[use]}}`),
  );
  return `@media screen and (prefers-color-scheme:dark){${rules.join('')}}`;
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
