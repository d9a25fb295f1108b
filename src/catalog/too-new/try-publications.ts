// Tries to read a slot with a list of publications, without moving it: whether each of them existed where it reads.

import { quoteIdentifier } from '../../model/identifier.ts';
import { sqlState } from '../../postgres/failures.ts';
import type { ServerNotice } from '../../postgres/server-messages.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

export interface PublicationTrial {
  readonly slot: string;
  readonly publications: readonly string[];
  /** Where to stop, an LSN; null: at the end of WAL. */
  readonly upto: string | null;
  /** Stop at the first transaction that is sent. */
  readonly first: boolean;
  /** The server gives up after this time: WAL without changes can be long. */
  readonly timeoutMs: number;
}

export type TrialResult =
  /** All of them existed at each change that was looked at. */
  | { readonly kind: 'read' }
  | MissingPublications
  /** Another session reads the slot. */
  | { readonly kind: 'busy' }
  /** It took too long, the role may not, or the slot cannot be read for another reason. */
  | { readonly kind: 'unknown' };

export interface MissingPublications {
  readonly kind: 'missing';
  readonly publications: readonly string[];
  /** Of the change at which it did not exist; null: the server does not say it, and reads on (18). */
  readonly lsn: string | null;
  /** Each time that one was skipped, in order, in the order of the list at each time. */
  readonly skipped: readonly string[];
  /** All that was asked for was read. */
  readonly complete: boolean;
}

const undefinedObject = '42704';
const objectInUse = '55006';
const notInPrerequisiteState = '55000';

/** Messages come in the language of the server; each quotes names in its way. */
const quotes = ['""', '«»', '„“', '“”', '‘’', "''", '»«'].map((pair) => pair.split(''));

const namedIn = (message: string, names: readonly string[]): readonly string[] => {
  const text = message.replaceAll(/[\u00a0\u202f]/g, ' ').replaceAll(/« | »/g, (it) => it.trim());
  return names.filter((name) =>
    quotes.some(([open, close]) => text.includes(`${open}${name}${close}`)),
  );
};

/**
 * `slot "s", output plugin "pgoutput", in the change callback, associated LSN 0/16FC228`: only what fails while a change
 * is read has one, and not a slot that does not exist.
 */
const lsnIn = (error: unknown): string | null => {
  const where = error instanceof Error && 'where' in error ? String(error.where) : '';
  return where.match(/[0-9A-F]{1,8}\/[0-9A-F]{1,8}/g)?.at(-1) ?? null;
};

const failedAt = (publications: readonly string[], lsn: string): MissingPublications => ({
  kind: 'missing',
  publications,
  lsn,
  skipped: [],
  complete: false,
});

const skippedIn = (skipped: readonly string[], complete: boolean): MissingPublications => ({
  kind: 'missing',
  publications: [...new Set(skipped)],
  lsn: null,
  skipped,
  complete,
});

const resultOf = (error: unknown, { publications }: PublicationTrial): TrialResult => {
  const state = sqlState(error);
  const lsn = lsnIn(error);
  if (state === null) throw error;
  if (state === objectInUse) return { kind: 'busy' };
  if (state !== undefinedObject || lsn === null || !(error instanceof Error)) {
    return { kind: 'unknown' };
  }
  const missing = namedIn(error.message, publications);
  return missing.length === 0 ? { kind: 'unknown' } : failedAt(missing, lsn);
};

const peek = (session: Session, { slot, publications, upto, first, timeoutMs }: PublicationTrial) =>
  session.transaction({ readOnly: true }, async () => {
    await session.query(
      sql`SELECT pg_catalog.set_config('statement_timeout', ${String(timeoutMs)}, true)`,
    );
    await session.query(sql`
      SELECT count(*) FROM pg_catalog.pg_logical_slot_peek_binary_changes(
        ${slot}, ${upto}::pg_lsn, ${first ? 1 : null}::int4,
        'proto_version', '1', 'publication_names', ${publications.map(quoteIdentifier).join(',')})`);
  });

/**
 * The slot is taken for as long as this lasts: its reader is refused, and tries again. No position moves and no row leaves
 * the server. @throws what pg throws where the connection fails.
 */
export const tryPublications = async (
  session: Session,
  trial: PublicationTrial,
): Promise<TrialResult> => {
  const skipped: string[] = [];
  const stop = session.onNotice(({ sqlState: state, message }: ServerNotice) => {
    if (state !== notInPrerequisiteState) return;
    skipped.push(...namedIn(message, trial.publications));
  });
  try {
    await peek(session, trial);
    return skipped.length === 0 ? { kind: 'read' } : skippedIn(skipped, true);
  } catch (error) {
    // What was skipped before the time was over was skipped.
    return skipped.length === 0 ? resultOf(error, trial) : skippedIn(skipped, false);
  } finally {
    stop();
  }
};
