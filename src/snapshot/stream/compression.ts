// How the data of a snapshot is compressed, as people write it: `zstd`, `gzip:6`. Knows no streams.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';

export type Codec = 'none' | 'gzip' | 'lz4' | 'zstd';

export interface Compression {
  readonly codec: Codec;
  /** null: the codec has no levels. */
  readonly level: number | null;
}

interface CodecFacts {
  /** What a file's name ends in. */
  readonly suffix: string;
  readonly levels: { readonly least: number; readonly most: number; readonly usual: number } | null;
}

const codecs: Readonly<Record<Codec, CodecFacts>> = {
  none: { suffix: '', levels: null },
  gzip: { suffix: '.gz', levels: { least: 1, most: 9, usual: 1 } },
  lz4: { suffix: '.lz4', levels: null },
  zstd: { suffix: '.zst', levels: { least: 1, most: 19, usual: 1 } },
};

/** Every codec, for flags and messages. */
export const codecNames = Object.keys(codecs) as readonly Codec[];

/** What the name of a compressed file ends in: `.zst`; `''` for none. */
export const codecSuffix = (codec: Codec): string => codecs[codec].suffix;

/** `zstd:3` → zstd at level 3; a codec alone has its usual level. Refuses what it does not know: COMPRESSION_INVALID. */
export const parseCompression = (text: string): Compression => {
  const [, name = '', level] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  const codec = codecNames.find((known) => known === name);
  if (codec === undefined) throw invalid(text, `the codecs are ${codecNames.join(', ')}`);
  const { levels } = codecs[codec];
  if (level === undefined) return { codec, level: levels?.usual ?? null };
  if (levels === null) throw invalid(text, `${codec} has no levels`);
  const number = /^\d{1,2}$/.test(level) ? Number(level) : Number.NaN;
  if (number >= levels.least && number <= levels.most) return { codec, level: number };
  throw invalid(text, `the levels of ${codec} are ${levels.least} to ${levels.most}`);
};

/** As `parseCompression` reads it. */
export const formatCompression = ({ codec, level }: Compression): string =>
  level === null ? codec : `${codec}:${level}`;

const invalid = (text: string, why: string): SteepError =>
  new SteepError('COMPRESSION_INVALID', `Unknown compression ${JSON.stringify(text)}: ${why}.`, {
    exit: ExitCode.usage,
    suggestions: ['Use none, gzip, lz4 or zstd, optionally with a level after a colon: zstd:3.'],
  });
