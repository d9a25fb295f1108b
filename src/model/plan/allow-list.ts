// STEEP_ALLOW_ENV: the variables that a pipeline lets steep.yaml use. It is what makes a run one of a pipeline, whose
// files are written by people who may not see its secrets.

type Environment = Readonly<Record<string, string | undefined>>;

/** Names, separated by commas. Empty: there is no list, and all may be used. */
export const readAllowList = (environment: Environment): ReadonlySet<string> =>
  new Set(
    (environment.STEEP_ALLOW_ENV ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  );
