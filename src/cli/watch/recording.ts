// Writes what steep watch sees to a file, an event a line: steep watch --replay plays it.

import { toSnakeKeys } from '../../model/key-case.ts';
import type { WatchEvent } from '../../model/watch/watch-event.ts';
import { openLineFile } from '../event-log.ts';
import { jsonLine } from '../output.ts';

export interface Recording {
  readonly write: (event: WatchEvent) => void;
  readonly close: () => void;
}

/** A line of a recording. */
export const recordedLine = (event: WatchEvent): string => jsonLine(toSnakeKeys(event));

/** Appends; only its owner may read the file. @throws SteepError FILE_UNWRITABLE. */
export const openRecording = (path: string): Recording => {
  const file = openLineFile('The recording', path);
  return { write: (event) => void file.write(recordedLine(event)), close: () => file.end() };
};
