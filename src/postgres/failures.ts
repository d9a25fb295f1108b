// Turns what pg and Node throw into SteepErrors: the one place where SQLSTATEs become codes and cures.
// Knows no step: the caller says what was being done.

import { keepWords, SteepError } from '../model/errors.ts';
import type { ExitCode } from '../model/plan/exit-code.ts';
import type { NodeName } from '../model/state/address.ts';
import {
  type FailureKind,
  kindOfNetworkError,
  kindOfSqlState,
  serverError,
} from './failure-kinds.ts';
import { scrub } from './scrub.ts';

export interface FailurePlace {
  readonly node: NodeName;
  /** What was being done, as in `creating slot sales`. */
  readonly doing: string;
  /** Exit code; 1 unless told. Connecting uses 7 (incomplete). */
  readonly exit?: ExitCode;
}

/**
 * The error in words: node, what was being done, cause, what to do. A SteepError stays as it is.
 * Never holds a password: what the server quotes of a connection string is cut.
 */
export const toFailure = (error: unknown, where: FailurePlace): SteepError => {
  if (error instanceof SteepError) return error;
  const facts = readFacts(error);
  const kind = kindOf(facts);
  const state = kind === serverError ? ` (SQLSTATE ${facts.sqlState})` : '';
  const said = [`${facts.message}${state}`, ...(facts.detail === null ? [] : [facts.detail])].join(
    '. ',
  );
  const message = `Node ${where.node}: ${where.doing} failed: ${kind.cause}: ${said}`;
  return new SteepError(kind.code, message, {
    suggestions: [...(facts.hint === null ? [] : [facts.hint]), ...kind.suggestions],
    cause: error,
    ...(where.exit === undefined ? {} : { exit: where.exit }),
  });
};

const nodes = new WeakMap<object, NodeName>();

/** Remembers whose error it is, for code that catches it far from the session. Returns the error. */
export const failedOn = (node: NodeName, error: unknown): unknown => {
  if (typeof error === 'object' && error !== null) nodes.set(error, node);
  keepWords(error, () => toFailure(error, { node, doing: 'a query' }));
  return error;
};

/** An error that a session has met, or that is in words already; null: any other error. */
export const serverFailure = (error: unknown, doing: string): SteepError | null => {
  if (error instanceof SteepError) return error;
  const node = error instanceof Error ? nodes.get(error) : undefined;
  return node === undefined ? null : toFailure(error, { node, doing });
};

/** The SQLSTATE of a server's error; null: it is something else. */
export const sqlState = (error: unknown): string | null => {
  const code = error instanceof Error && 'severity' in error && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
};

/** Of a unique key, or of an exclusion constraint. */
const duplicateStates: readonly (string | null)[] = ['23505', '23P01'];

export const isDuplicate = (error: unknown): boolean => duplicateStates.includes(sqlState(error));

/** Deadlock, and a lock that was not granted in time: another attempt may get it. */
const lockStates: readonly (string | null)[] = ['40P01', '55P03'];

export const isLockFailure = (error: unknown): boolean => lockStates.includes(sqlState(error));

/** query_canceled: by another session, or since its time was over. */
export const isCancelled = (error: unknown): boolean => sqlState(error) === '57014';

/** As the server says it, of a lock that was waited for where no server could end the wait. */
export const lockNotGranted = (message: string): Error =>
  Object.assign(new Error(message), { severity: 'ERROR', code: '55P03' });

/** The server rolled the transaction back because of another one: begun again, it sees what that has done. */
export const isSerializationFailure = (error: unknown): boolean => sqlState(error) === '40001';

interface ErrorFacts {
  readonly sqlState: string | null;
  /** Node's code of a network error, as ECONNREFUSED. */
  readonly networkCode: string | null;
  readonly message: string;
  readonly detail: string | null;
  readonly hint: string | null;
}

function readFacts(error: unknown): ErrorFacts {
  // `localhost` may be two addresses, and then Node throws one error for each inside another.
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const fields = (typeof first === 'object' && first !== null ? first : {}) as Record<
    string,
    unknown
  >;
  const textOf = (name: string): string | null => {
    const value = fields[name];
    return typeof value === 'string' && value !== '' ? scrub(value) : null;
  };
  const state = sqlState(first);
  return {
    sqlState: state,
    networkCode: state === null ? textOf('code') : null,
    message: scrub(first instanceof Error ? first.message : String(first)),
    detail: textOf('detail'),
    hint: textOf('hint'),
  };
}

function kindOf(facts: ErrorFacts): FailureKind {
  return facts.sqlState === null
    ? kindOfNetworkError(facts.networkCode, facts.message)
    : kindOfSqlState(facts.sqlState, facts.message);
}
