// The parameters of a queued operation, examined: whoever may add an operation may have written anything.

import { SteepError } from '../../model/errors.ts';

type Params = Readonly<Record<string, unknown>>;

const refused = (name: string, wanted: string): SteepError =>
  new SteepError('WORK_INVALID', `Parameter ${name} of the operation is not ${wanted}.`, {
    suggestions: ['Queue it again, with the functions of steep_repl or with --queue.'],
  });

/** @throws SteepError WORK_INVALID for one that the operation does not have. */
export const assertKnown = (params: Params, known: readonly string[]): void => {
  const unknown = Object.keys(params).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new SteepError(
    'WORK_INVALID',
    `The operation has a parameter ${unknown}, which it does not know.`,
    {
      suggestions: [
        'Was it queued by a newer version of steep? Then start a worker of that version.',
      ],
    },
  );
};

/** Null: it is not given. @throws SteepError WORK_INVALID */
export const textParam = (params: Params, name: string): string | null => {
  const value = params[name] ?? null;
  if (value === null || (typeof value === 'string' && value !== '')) return value;
  throw refused(name, 'a text');
};

/** One of these; null: it is not given. @throws SteepError WORK_INVALID */
export const choiceParam = <C extends string>(
  params: Params,
  name: string,
  choices: readonly C[],
): C | null => {
  const value = params[name] ?? null;
  const found = choices.find((choice) => choice === value) ?? null;
  if (value === null || found !== null) return found;
  throw refused(name, `one of ${choices.join(', ')}`);
};

/** @throws SteepError WORK_INVALID */
export const textsParam = (params: Params, name: string): readonly string[] | null => {
  const value = params[name] ?? null;
  if (value === null) return null;
  if (Array.isArray(value) && value.every((it): it is string => typeof it === 'string'))
    return value;
  throw refused(name, 'a list of texts');
};

/** @throws SteepError WORK_INVALID */
export const flagParam = (params: Params, name: string, otherwise: boolean): boolean => {
  const value = params[name] ?? otherwise;
  if (typeof value === 'boolean') return value;
  throw refused(name, 'true or false');
};

/** Connections side by side: 1 to 64. @throws SteepError WORK_INVALID */
export const parallelParam = (params: Params, name: string): number | null => {
  const value = params[name] ?? null;
  if (value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 64)
    return value;
  throw refused(name, 'a number from 1 to 64');
};

interface Allowed {
  readonly code: string;
  readonly address: string;
}

/** Consents as CODE=ADDRESS. Only dangers of the node whose queue it is can be allowed. @throws SteepError WORK_INVALID */
export const allowedOf = (params: Params, name: string, node: string): readonly Allowed[] =>
  (textsParam(params, name) ?? []).map((text) => {
    const at = text.indexOf('=');
    const address = text.slice(at + 1);
    if (at > 0 && address.startsWith(`${node}/`)) return { code: text.slice(0, at), address };
    throw refused(name, `a list of CODE=${node}/ADDRESS: other nodes are not of this queue`);
  });
