// What a run sent to a server, apart from its frame, and with which time limits: read from the server's log.

import type { SentStatement } from '../servers/server-log.ts';
import { statementsIn } from '../servers/server-log.ts';

/** What every run sends in addition to the statements of its steps; docs/planning.md lists the same. */
const frame: Readonly<Record<string, RegExp>> = {
  transactions:
    /^(BEGIN( ISOLATION LEVEL (REPEATABLE READ|READ COMMITTED))?( READ (ONLY|WRITE))?|COMMIT|ROLLBACK)$/,
  'settings of the session':
    /^SELECT pg_catalog\.set_config\((s\.name, '(0|1s)'|'(lock|statement)_timeout', '\d+(ms)?'), (true|false)\)/,
  'the run lock':
    /^(SELECT pg_catalog\.pg_try_advisory_lock\('\d+'\) AS locked|LOCK TABLE steep_repl\.run_lock IN SHARE UPDATE EXCLUSIVE MODE|UPDATE steep_repl\.run_lock SET run_id = '[^']+', claimed_at = pg_catalog\.clock_timestamp\(\))$/,
  'rows of steep_repl':
    /^(INSERT INTO|UPDATE|DELETE FROM) steep_repl\.(objects|audit_log|subscriptions_init|init_progress|schema_version|schema_fingerprints|edge_records|verifications|nodes|init_slots)\b/,
  'a few rows that are looked at before they are copied':
    /^(LOCK TABLE [^;]+ IN (ACCESS SHARE|SHARE UPDATE EXCLUSIVE) MODE NOWAIT$|EXPLAIN \(FORMAT JSON\) SELECT )/,
  'so that the position of a slot is saved': /^CHECKPOINT$/,
  'the state of the node': /^SELECT steep_repl\.(refresh_node_state|heartbeat)\(/,
  'definitions as the DDL engine reads them': /^SET LOCAL (search_path TO 'pg_catalog'|jit = off)$/,
  'the lock on tables that join a pair': /^LOCK TABLE [^;]+ IN SHARE MODE$/,
  'an initial copy by steep':
    /^((BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; )?SET TRANSACTION SNAPSHOT '|COPY [\s\S]+ (TO STDOUT|FROM STDIN)\b|(INSERT INTO|UPDATE|DELETE FROM) steep_repl\.copy_(attempts|chunks|postponed)\b|LOCK TABLE [^;]+ IN (ACCESS SHARE|SHARE UPDATE EXCLUSIVE|ROW EXCLUSIVE) MODE$|ANALYZE )/,
  'the offer of a copy to workers that join, and its end':
    /^(LISTEN steep_repl_join$|(INSERT INTO|DELETE FROM) steep_repl\.(joinable_copies|joined_workers)\b|SELECT (j\.id|pg_catalog\.pg_terminate_backend\(a\.pid\))[^;]+ FROM steep_repl\.joined_workers AS j\b)/,
  'the lock on tables with row filters, before a filter is parsed':
    /^(PREPARE steep_table AS SELECT FROM [^;]+|DEALLOCATE steep_table)$/,
  'sequences of copied tables': /^SELECT pg_catalog\.setval\(s\.seqrelid, /,
  'what listeners are told': /^SELECT pg_catalog\.pg_notify\('steep_repl_progress', /,
};

/** Reading: no function among these changes anything. */
const reads = /^(SELECT|WITH)\b/;
const changes =
  /\b(pg_(create|drop|copy|sync|terminate|cancel|replication_origin|replication_slot)_\w+|nextval|setval|steep_repl\.\w+)\(/;

/** The name of a function in quotes is only asked about. */
const withoutTexts = (text: string): string => text.replaceAll(/'(?:[^']|'')*'/g, "''");

/** Whether a run sends it in addition to the statements of its steps. */
export const isFrame = (text: string): boolean =>
  Object.values(frame).some((pattern) => pattern.test(text)) ||
  (reads.test(text) && !changes.test(withoutTexts(text)));

export interface Sent {
  /** Secrets as `'***'`. */
  readonly text: string;
  readonly inTransaction: boolean;
  /** As the settings that were sent before say; milliseconds. */
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** The same, as the server itself had them, where it was asked. */
  readonly onServer: readonly string[];
}

type Limit = 'lock' | 'statement';

interface SessionState {
  /** Until the end of the transaction only the event trigger tells of statements, and not of its end. */
  readonly unlogged: boolean;
  readonly inTransaction: boolean;
  readonly session: Readonly<Record<Limit, number>>;
  readonly local: Readonly<Partial<Record<Limit, number>>>;
}

const fresh: SessionState = {
  unlogged: false,
  inTransaction: false,
  session: { lock: 0, statement: 0 },
  local: {},
};

const setting =
  /^SELECT pg_catalog\.set_config\('(lock|statement)_timeout', '?(\d+)(?:ms)?'?, (true|false)\)$/;

const after = (state: SessionState, text: string): SessionState => {
  if (/^BEGIN\b/.test(text)) return { ...state, inTransaction: true };
  if (text.includes("set_config('log_statement', 'none', true)"))
    return { ...state, unlogged: true };
  if (/^(COMMIT|ROLLBACK)$/.test(text)) return { ...state, inTransaction: false, local: {} };
  const match = setting.exec(text);
  if (match === null) return state;
  const value = { [match[1] as Limit]: Number(match[2]) };
  return match[3] === 'true'
    ? { ...state, local: { ...state.local, ...value } }
    : { ...state, session: { ...state.session, ...value } };
};

/** What the log says of a secret, as plans do; and numbers, which the log quotes. */
const asPlanned = (text: string): string =>
  text.replace(/ CONNECTION '(?:[^']|'')*'/, " CONNECTION '***'");

const isRun = ({ application }: SentStatement, runId: string): boolean =>
  application.startsWith(`steep ${runId.slice(0, 8)} `);

/** What is logged again comes after the end of the transaction. */
const stateBefore = (state: SessionState, { unlogged }: SentStatement): SessionState =>
  state.unlogged && !unlogged
    ? { ...state, unlogged: false, inTransaction: false, local: {} }
    : state;

/** Everything that a run sent to a server and that is not its frame, in its order. */
export const sentByRun = (log: string, runId: string): readonly Sent[] => {
  const states = new Map<number, SessionState>();
  const sent: Sent[] = [];
  for (const statement of statementsIn(log).filter((it) => isRun(it, runId))) {
    const text = statement.text.trim();
    const state = stateBefore(states.get(statement.pid) ?? fresh, statement);
    states.set(statement.pid, after(state, text));
    if (isFrame(text)) continue;
    const limits = { ...state.session, ...state.local };
    sent.push({
      text: asPlanned(text),
      inTransaction: state.inTransaction,
      lockTimeoutMs: limits.lock,
      statementTimeoutMs: limits.statement,
      onServer: statement.said,
    });
  }
  return sent;
};

/**
 * Makes a database say, in its server's log, which limits are in force for each DDL statement; and the statement, where
 * its transaction has turned off that it is logged.
 */
export const limitProbe = `
  CREATE FUNCTION public.say_limits() RETURNS event_trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF pg_catalog.current_setting('log_statement') = 'none' THEN
      RAISE LOG 'unlogged statement: %', pg_catalog.current_query();
    END IF;
    RAISE LOG 'limits % %', pg_catalog.current_setting('lock_timeout'), pg_catalog.current_setting('statement_timeout');
  END $$;
  CREATE EVENT TRIGGER say_limits ON ddl_command_start EXECUTE FUNCTION public.say_limits()`;
