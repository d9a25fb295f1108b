// Writes the progress of a copy that steep makes itself, next to it: in a session of its own, so that nothing here
// waits for the copy, or is rolled back with it.

import { setTimeout as delay } from 'node:timers/promises';
import type { InitEnd } from '../model/copy/init-phase.ts';
import { atRest, type CopyProgress } from '../model/copy/init-progress.ts';
import type { Session } from '../postgres/session.ts';
import { createWakeup } from '../postgres/wakeup.ts';
import {
  type InitProgressOptions,
  type ProgressRecorder,
  progressRecorder,
} from './init/init-progress.ts';

/** Milliseconds. A copy that has nothing new to say says so, for those who wonder whether it is alive. */
const repeatEvery = 10_000;
/** A server that does not answer must not hold up the end of a copy. */
const endWithinMs = 5000;

export interface ProgressWriter {
  readonly report: (progress: CopyProgress) => void;
  /** Writes the last word, and closes the session. After a copy that went well: it catches up. */
  readonly finish: (end: InitEnd | 'catching_up') => Promise<void>;
}

/** `open` connects to where steep_repl of the node is; it is called again where the session was lost. */
export const progressWriter = (
  open: () => Promise<Session>,
  options: InitProgressOptions,
): ProgressWriter => {
  const recorder = progressRecorder(options);
  const pump = createPump(recorder, reconnecting(open));
  return {
    report: (progress) => {
      if (pump.ended()) return;
      recorder.tell(progress);
      pump.start();
    },
    finish: async (end) => {
      if (pump.ended()) return;
      recorder.tell(atRest(recorder.last(), end));
      await Promise.race([pump.end(), delay(endWithinMs, undefined, { ref: false })]);
    },
  };
};

/** Writes what there is, when it is due, one row after the other. */
const createPump = (recorder: ProgressRecorder, connection: Connection) => {
  const wakeup = createWakeup();
  let news = false;
  let ended = false;
  let running: Promise<void> | null = null;
  const write = async (): Promise<void> => {
    news = false;
    try {
      await recorder.write(connection.session);
    } catch {
      // Tried again in a second, with a session that lives.
      news = true;
      await connection.drop();
    }
  };
  const run = async (): Promise<void> => {
    while (!ended) {
      const wait = news ? recorder.due() : repeatEvery;
      if (wait > 0 && (await wakeup.wokenWithin(wait))) continue;
      await write();
    }
  };
  return {
    ended: (): boolean => ended,
    start: (): void => {
      news = true;
      running ??= run();
      wakeup.wake();
    },
    end: async (): Promise<void> => {
      ended = true;
      wakeup.wake();
      await running;
      await write();
      await connection.drop();
    },
  };
};

interface Connection {
  readonly session: () => Promise<Session>;
  readonly drop: () => Promise<void>;
}

/** A session that is opened when it is needed, and again after it was dropped. */
const reconnecting = (open: () => Promise<Session>): Connection => {
  let opened: Promise<Session> | null = null;
  return {
    session: () => {
      opened ??= open();
      return opened;
    },
    drop: async () => {
      const session = opened;
      opened = null;
      await session?.then((it) => it.close()).catch(() => undefined);
    },
  };
};
