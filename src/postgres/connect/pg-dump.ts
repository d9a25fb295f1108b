// The program pg_dump: which one, how old, and one that runs and sends the rows of one table. Knows no plan; what
// its output means is in copy/dump-rows.ts.

import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { kill } from 'node:process';
import type { Readable } from 'node:stream';
import type { Conninfo } from '../../model/connection/conninfo.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import { scrub } from '../scrub.ts';
import { parseToolVersion } from '../versions.ts';
import { dumpConnection, type Environment, withoutLibpq } from './dump-connection.ts';

/** The variable that names another than the first in PATH. */
const programVariable = 'STEEP_PG_DUMP';

export const dumpProgram = (environment: Environment): string =>
  environment[programVariable] || 'pg_dump';

/** As server_version_num has it; null: there is none, or it cannot be run. */
export const readDumpVersion = (environment: Environment): Promise<number | null> =>
  new Promise((resolve) => {
    // As when it dumps: Debian's wrapper takes the newest where a host is given.
    const env = { ...withoutLibpq(environment), PGHOST: 'localhost' };
    const settings = { env, timeout: 30_000 };
    execFile(dumpProgram(environment), ['--version'], settings, (error, stdout) => {
      resolve(error === null ? parseToolVersion(stdout) || null : null);
    });
  });

export interface DumpRequest {
  readonly table: QualifiedName;
  /** That another session of the source holds. */
  readonly snapshot: string;
  /** Aborted: the program is ended. */
  readonly signal: AbortSignal;
}

/** A pg_dump that runs. */
export interface Dump {
  /** What it prints: SQL around the lines of one COPY. */
  readonly output: Readable;
  /** Settles when it has ended. @throws SteepError PG_DUMP_FAILED, CONNECTION_LOST. */
  readonly ended: Promise<void>;
  /** Ends it, whatever it does. */
  readonly stop: () => void;
}

export interface DumpTarget {
  readonly node: NodeName;
  readonly conninfo: Conninfo;
  readonly applicationName: string;
  readonly environment: Environment;
}

export const startDump = async (source: DumpTarget, request: DumpRequest): Promise<Dump> => {
  const { conninfo, applicationName, environment } = source;
  const connection = await dumpConnection(conninfo, applicationName, environment);
  request.signal.throwIfAborted();
  const program = dumpProgram(environment);
  const child = spawn(program, dumpArguments(connection.conninfo, request), {
    env: connection.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C is for steep, which ends it; and a wrapper ends with what it started.
    detached: true,
  });
  const stop = (): void => end(child);
  request.signal.addEventListener('abort', stop);
  const ended = outcomeOf(child, source.node, request).finally(() =>
    request.signal.removeEventListener('abort', stop),
  );
  // The reader of the output awaits it; until then it must not count as unhandled.
  ended.catch(() => undefined);
  return { output: child.stdout, ended, stop };
};

/** Every identifier in quotes, so that its output is read without knowing keywords. */
export const dumpArguments = (
  conninfo: string,
  { table, snapshot }: Omit<DumpRequest, 'signal'>,
): readonly string[] => [
  `--dbname=${conninfo}`,
  '--no-password',
  '--format=plain',
  '--data-only',
  '--encoding=UTF8',
  '--quote-all-identifiers',
  '--strict-names',
  `--lock-wait-timeout=${lockWaitMs}`,
  `--snapshot=${snapshot}`,
  `--table=${inQuotes(table.schema)}.${inQuotes(table.name)}`,
];

/** Its caller holds the table by then: only a session that waits for that lock can be in the way. */
const lockWaitMs = 10_000;

/** Of a pattern: it means this name only. */
const inQuotes = (name: string): string => `"${name.replaceAll('"', '""')}"`;

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Asked to end, it cancels what runs for it on the server; a process that does not react is killed after this. */
const graceMs = 5000;

function end(child: Child): void {
  signalGroup(child, 'SIGTERM');
  setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs).unref();
  // Its end is not told as long as something of its output is waiting to be read.
  child.stdout.destroy();
}

function signalGroup(child: Child, signal: NodeJS.Signals): void {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  try {
    kill(-child.pid, signal);
  } catch {
    // Its group is gone, or the system has none.
    child.kill(signal);
  }
}

/** The end of what it says is where the reason is. */
const keptBytes = 4096;

function outcomeOf(child: Child, node: NodeName, { table }: DumpRequest): Promise<void> {
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-keptBytes);
  });
  return new Promise((resolve, reject) => {
    const fail = (how: string, cause?: unknown): void =>
      reject(failure({ node, table, how, said: scrub(said).trim(), cause }));
    child.on('error', (error) => fail(`cannot be run (${error.message})`, error));
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else fail(signal === null ? `failed (exit ${code})` : `was ended by ${signal}`);
    });
  });
}

/** What libpq says of a connection that broke, or that the server was not there to take. */
const brokenConnection =
  /server closed the connection|connection to server .* failed|lost connection|terminating connection|SSL SYSCALL/;

interface Failure {
  readonly node: NodeName;
  readonly table: QualifiedName;
  readonly how: string;
  readonly said: string;
  readonly cause: unknown;
}

const failure = ({ node, table, how, said, cause }: Failure): SteepError =>
  new SteepError(
    brokenConnection.test(said) ? 'CONNECTION_LOST' : 'PG_DUMP_FAILED',
    `Node ${node}: pg_dump of ${formatName(table)} ${how}${said === '' ? '.' : `: ${said}`}`,
    {
      suggestions: [
        'Run the same command again: tables that are complete are kept.',
        'Without pg_dump: init: { large_table_method: copy }',
      ],
      cause,
    },
  );
