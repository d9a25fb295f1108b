// Plays a recording of steep watch: the same events, as they came or faster.

import { setTimeout as delay } from 'node:timers/promises';
import { SteepError } from '../../model/errors.ts';
import { toCamelKeys } from '../../model/key-case.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { recordingVersion, type WatchEvent } from '../../model/watch/watch-event.ts';
import { readText } from '../files.ts';

const kinds: ReadonlySet<unknown> = new Set<WatchEvent['event']>([
  'watch.started',
  'watch.node',
  'watch.node_lost',
  'watch.edge',
  'watch.edge_gone',
  'watch.introspected',
]);

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

const isEvent = (value: unknown): value is WatchEvent =>
  typeof value === 'object' &&
  value !== null &&
  'event' in value &&
  kinds.has(value.event) &&
  'at' in value &&
  typeof value.at === 'number';

const parsed = (line: string): unknown => {
  try {
    return toCamelKeys(JSON.parse(line));
  } catch {
    return null;
  }
};

/** The events of a recording. @throws SteepError RECORDING_INVALID. */
export const eventsIn = (file: string, text: string): readonly WatchEvent[] => {
  const lines = text.split('\n');
  // A watch that was killed may have written half of its last line.
  const whole = lines.slice(0, -1);
  const events = whole.map((line, index) => {
    const event = parsed(line);
    if (!isEvent(event)) throw invalid(file, index + 1, 'is no event of steep watch');
    if (event.event === 'watch.started' && event.version > recordingVersion) {
      throw invalid(file, index + 1, 'is of a newer version of steep');
    }
    return event;
  });
  if (events[0]?.event !== 'watch.started') throw invalid(file, 1, 'does not begin a recording');
  return events;
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
