// Plays a recording of steep watch: the same events, as they came or faster.

import { setTimeout as delay } from 'node:timers/promises';
import type { ValidateFunction } from 'ajv';
import { SteepError } from '../../model/errors.ts';
import { toCamelKeys } from '../../model/key-case.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { recordingVersion, type WatchEvent } from '../../model/watch/watch-event.ts';
import { nothingSeen, reduceWatch } from '../../model/watch/watch-state.ts';
import { readText } from '../files.ts';
import { validate } from './recording-check.generated.ts';

const fits = validate as ValidateFunction;

export interface ReplayRequest {
  readonly file: string;
  /** How often as fast as it was; infinity: at once. */
  readonly speed: number;
  readonly onEvent: (event: WatchEvent) => void;
  readonly signal: AbortSignal;
}

const invalid = (file: string, line: number, what: string): SteepError =>
  new SteepError('RECORDING_INVALID', `${file} cannot be played: line ${line} ${what}.`, {
    exit: ExitCode.invalidFile,
    suggestions: ['Name a file that steep watch --record has written.'],
  });

/** Characters: many more than a subscription of a hundred thousand tables takes. */
const longestLine = 64 * 1024 * 1024;

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

/** What the schema does not allow first, such as `facts.current_lsn must match pattern …`. */
const faultOf = (): string => {
  const { instancePath = '', message = '' } = fits.errors?.[0] ?? {};
  const field = instancePath.slice(1).replaceAll('/', '.');
  return `is no event of steep watch: ${field === '' ? 'it' : field} ${message}`;
};

/** Whoever wrote it: what is read of it later is there, and of its kind. */
const eventOf = (file: string, line: string, number: number): WatchEvent => {
  if (line.length > longestLine) throw invalid(file, number, 'is longer than steep watch writes');
  const value = parsed(line);
  if (value === undefined) throw invalid(file, number, 'is no JSON');
  const { event, version } = (value ?? {}) as {
    readonly event?: unknown;
    readonly version?: unknown;
  };
  if (event === 'watch.started' && Number(version) > recordingVersion) {
    throw invalid(file, number, 'is of a newer version of steep');
  }
  if (!fits(value)) throw invalid(file, number, faultOf());
  return toCamelKeys(value) as WatchEvent;
};

/** The events of a recording. @throws SteepError RECORDING_INVALID. */
export const eventsIn = (file: string, text: string): readonly WatchEvent[] => {
  const lines = text.split('\n');
  // A watch that was killed may have written half of its last line.
  const whole = lines.slice(0, -1);
  const events = whole.map((line, index) => eventOf(file, line, index + 1));
  if (events[0]?.event !== 'watch.started') throw invalid(file, 1, 'does not begin a recording');
  assertReducible(file, events);
  return events;
};

/** What the screen is made of: a file that was changed by hand can hold anything. */
const assertReducible = (file: string, events: readonly WatchEvent[]): void => {
  let state = nothingSeen;
  for (const [index, event] of events.entries()) {
    try {
      state = reduceWatch(state, [event]);
    } catch {
      throw invalid(file, index + 1, 'holds what steep watch does not write');
    }
  }
};

/** Until its last event, or the signal. @throws SteepError FILE_UNREADABLE, RECORDING_INVALID. */
export const replay = async ({ file, speed, onEvent, signal }: ReplayRequest): Promise<void> => {
  const text = readText(file, 'The recording', 'Check the path after --replay.');
  let before: number | null = null;
  for (const event of eventsIn(file, text)) {
    const pause = Math.max(0, event.at - (before ?? event.at)) / speed;
    if (pause > 0) await delay(pause, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    before = event.at;
    onEvent(event);
  }
};
