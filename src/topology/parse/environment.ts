// `${NAME}` and `${NAME:-default}`, as they may are in connections and nowhere else.

import { noteVariable } from '../../model/known-secrets.ts';

export type FileVariables = Readonly<Record<string, string | undefined>>;

/** What connections may be made of. */
export interface Variables {
  readonly environment: FileVariables;
  /** Whether the file may name this variable. */
  readonly mayUse: (name: string) => boolean;
  /** Whether its value may be seen by the server that the file names: as a host, a user, a database. */
  readonly mayShow: (name: string) => boolean;
  /** A password of a replication_connection need not be set: nothing is compared with it. */
  readonly withoutPasswords?: boolean;
}

export interface Expansion {
  readonly text: string;
  /** Variables that are not set, or empty, and have no default. */
  readonly missing: readonly string[];
  /** All that it names. */
  readonly names: readonly string[];
  /** A `${` that is neither form. */
  readonly malformed: boolean;
}

const reference = /\$\{(?:([A-Za-z_]\w*)(?::-([^}]*))?\})?/g;
const wholeReference = /^\$\{([A-Za-z_]\w*)\}$/;

/** Puts the values in. They are taken as they are: a `${` inside of a value stays. */
export const expandVariables = (text: string, environment: FileVariables): Expansion => {
  const missing: string[] = [];
  const names: string[] = [];
  let malformed = false;
  const expanded = text.replace(
    reference,
    (_, name: string | undefined, fallback: string | undefined) => {
      if (name === undefined) malformed = true;
      else names.push(name);
      const value = name === undefined ? '' : variableValue(environment, name);
      if (name !== undefined) noteVariable(name, value);
      if (value !== '' || name === undefined) return value;
      if (fallback === undefined) missing.push(name);
      return fallback ?? '';
    },
  );
  return { text: expanded, missing: [...new Set(missing)], names: [...new Set(names)], malformed };
};

/** A variable's value. Empty counts as not set, as in a shell's `:-`: a CI secret that is absent is empty. */
export const variableValue = (environment: FileVariables, name: string): string =>
  (Object.hasOwn(environment, name) ? environment[name] : undefined) ?? '';

/** The text with nothing in place of each variable: what is in the file itself. */
export const literalText = (text: string): string => expandVariables(text, {}).text;

/** NAME, where the whole text is `${NAME}`. */
export const soleVariable = (text: string): string | null => wholeReference.exec(text)?.[1] ?? null;
