// The events of a run as lines: NDJSON on stdout for --json, and a log file in JSON or text.
// Each line is written before the next event is handled, so that a kill loses at most the last one.

import { closeSync, constants, fchmodSync, fstatSync, openSync, type Stats } from 'node:fs';
import { pino } from 'pino';
import { SteepError } from '../model/errors.ts';
import type { RunEvent, SilenceEvent, StatementEvent } from '../model/event.ts';
import { toSnakeKeys } from '../model/key-case.ts';
import { withoutSecrets } from '../model/known-secrets.ts';
import { printable, printableJson, printableLines } from '../model/printable.ts';
import { operationTexts } from './operation-text.ts';
import { jsonLine, withoutSecretsAndCommands } from './output.ts';
import { dispatch, type EventHandlers } from './progress/event-handlers.ts';
import { lockLine } from './progress/progress-text.ts';
import { initTexts } from './render/init-text.ts';
import { schemaTexts } from './render/schema/schema-event-text.ts';
import { snapshotTexts } from './render/snapshot/snapshot-text.ts';

export type WriteEvent = (event: RunEvent) => void;

/** One event a line, exactly as the schema of events describes it. */
export const createEventStream =
  (write: (text: string) => void): WriteEvent =>
  (event) =>
    write(jsonLine(toSnakeKeys(event)));

export interface LogFile {
  readonly write: (event: RunEvent | StatementEvent | SilenceEvent) => void;
  readonly close: () => void;
}

/**
 * Appends to a file, which only its owner may read: a log names servers and tables.
 * Throws FILE_UNWRITABLE.
 */
export const openLogFile = (path: string, format: 'json' | 'text'): LogFile => {
  const file = openLineFile('The log', path);
  const write = format === 'json' ? jsonWriter(file) : textWriter(file);
  return { write, close: () => file.end() };
};

type File = ReturnType<typeof pino.destination>;

/** Each text that is written to it is on the disk before the next; `what`: for messages. @throws SteepError FILE_UNWRITABLE. */
export const openLineFile = (what: string, path: string): File => {
  try {
    return pino.destination({ dest: openPrivate(path), sync: true });
  } catch (cause) {
    throw new SteepError(
      'FILE_UNWRITABLE',
      `${what} ${path} cannot be written: ${whyNot(cause)}.`,
      {
        cause,
      },
    );
  }
};

const whyNot = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause ? cause.code : null;
  if (code === 'ELOOP') return 'it is a symbolic link, and a log is not written through one';
  return code === 'ENXIO' ? notAFile : cause.message;
};

const notAFile = 'it is not an ordinary file';

/** Never through a link, which another user could have put there; a file that is there becomes its owner's alone. */
function openPrivate(path: string): number {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
  // Not to be waited for: a pipe that nobody reads would stop the process, signals included.
  const file = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  const fault = faultOf(fstatSync(file));
  if (fault !== null) {
    closeSync(file);
    throw new Error(fault);
  }
  if (fstatSync(file).isFile()) fchmodSync(file, 0o600);
  return file;
}

/** A device, such as /dev/null, is nobody's. */
const faultOf = (found: Stats): string | null => {
  if (found.isFIFO()) return notAFile;
  const isOurs = process.getuid === undefined || found.uid === process.getuid();
  return found.isFile() && !isOurs ? 'it belongs to another user' : null;
};

const textWriter =
  (file: File): LogFile['write'] =>
  (event) => {
    file.write(withoutSecretsAndCommands(lineOf(event)));
  };

const lineOf = (event: Parameters<LogFile['write']>[0]): string => {
  if (event.event === 'session.statement') return sessionText(event, event.statement);
  return event.event === 'session.silent' ? sessionText(event, event.message) : eventText(event);
};

const sessionText = (
  { timestamp, level, event, node }: StatementEvent | SilenceEvent,
  text: string,
): string =>
  `${timestamp} ${level.padEnd(5)} ${event} ${printable(node)}: ${printableLines(text).replace(/\s+/g, ' ')}\n`;

const jsonWriter = (file: File): LogFile['write'] => {
  const logger = pino(
    {
      level: 'debug',
      // The event has a level and a time of its own; nothing is added to it.
      base: null,
      timestamp: false,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => file.write(withoutSecrets(printableJson(line))) },
  );
  return ({ level, ...event }) => logger[level](toSnakeKeys(event));
};

/** `2026-01-31T12:00:00.000Z info  run.step_done create-slot primary/slot.sales: 120 ms`. */
const eventText = (event: RunEvent): string => {
  const text = printable(dispatch(texts, event) ?? '');
  return `${event.timestamp} ${event.level.padEnd(5)} ${event.event} ${text}\n`;
};

const texts: EventHandlers<string> = {
  'run.started': ({ run_id, plan_id, steps }) => `${run_id}: ${plan_id}, ${steps} steps`,
  'run.step_started': ({ step, why }) => `${step}: ${why}`,
  'run.step_progress': ({ step, message }) => `${step}: ${message}`,
  'run.step_done': ({ step, duration_ms }) => `${step}: ${duration_ms} ms`,
  'run.step_skipped': ({ step, reason }) => `${step}: ${reason}`,
  'run.step_failed': ({ step, code, message }) => `${step}: ${code} ${message}`,
  'run.lock_wait': (event) => `${event.step}: ${lockLine(event)}`,
  'run.converging': ({ message, behind }) => [message, ...behind].join('; '),
  'run.converged': ({ duration_ms }) => `${duration_ms} ms`,
  'run.finished': ({ outcome, exit_code, done, not_done }) =>
    `${outcome}, exit ${exit_code}, ${done} done, ${not_done} not done`,
  ...initTexts,
  ...schemaTexts,
  ...operationTexts,
  ...snapshotTexts,
};
