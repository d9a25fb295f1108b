// STEEP_ALLOW_ENV: the variables that a pipeline lets steep.yaml use. It is what makes a run one of a pipeline, whose
// files are written by people who may not see its secrets.

type Environment = Readonly<Record<string, string | undefined>>;

export interface AllowList {
  /** All that the file may name. */
  readonly names: ReadonlySet<string>;
  /** Those that hold no secret, so that they may be any part of a connection: `DB_HOST:plain`. */
  readonly plain: ReadonlySet<string>;
}

/** Entries, separated by commas. Empty: there is no list, and all may be used. */
export const readAllowEntries = (environment: Environment): readonly string[] =>
  (environment.STEEP_ALLOW_ENV ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/** @param entries `NAME` or `NAME:plain`. An entry with any other mark allows nothing. */
export const toAllowList = (entries: readonly string[]): AllowList => {
  const plain = entries
    .filter((entry) => entry.endsWith(mark))
    .map((entry) => entry.slice(0, -mark.length));
  return {
    names: new Set([...entries.filter((entry) => !entry.includes(':')), ...plain]),
    plain: new Set(plain),
  };
};

const mark = ':plain';
