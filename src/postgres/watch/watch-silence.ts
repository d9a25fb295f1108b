// Notices a connection that neither answers nor ends. Silence alone proves nothing: a statement may run for hours. So
// the server is asked by a second connection, and only without any sign of life for too long is the connection ended.

import type { Silence } from '../../model/silence.ts';
import type { Looker, Sign } from './look-at-backends.ts';
import type { Traffic } from './traffic.ts';

export interface SilenceLimits {
  /** Milliseconds without a sign of life after which it is reported. */
  readonly sayMs: number;
  /** After which the connection is ended. */
  readonly endMs: number;
}

export interface Watched extends SilenceLimits {
  readonly pid: number;
  readonly traffic: Traffic;
  readonly looker: Looker;
  /** Ends the connection: what waits for an answer fails with this. */
  readonly destroy: (error: Error) => void;
  readonly onSilence: (silence: Silence) => void;
  /** Aborted: the run is to end, and waits less long. */
  readonly interrupt: AbortSignal | null;
}

/** After an interrupt. */
const hurriedMs = 4000;
const hurriedLookMs = 2000;

/** pg's own word for a connection that is gone, so that it counts as one. */
const lost = (seconds: number, found: string): Error =>
  new Error(`Connection terminated: no answer for ${seconds} s: ${found}`);

interface State {
  bytes: string;
  /** When the last sign of life came, or the statement was sent. */
  heard: number;
  /** What the last look since then found; null: none was taken. */
  sign: Sign | null;
  looking: boolean;
  said: boolean;
  /** When a look first found that the statement waits for a lock; null: it does not. */
  lockedSince: number | null;
  lockSaid: boolean;
}

/** Returns what ends the watch. */
export const watchSilence = (watched: Watched): (() => void) => {
  const { traffic, sayMs } = watched;
  const state: State = {
    bytes: traffic.bytes(),
    heard: performance.now(),
    sign: null,
    looking: false,
    said: false,
    lockedSince: null,
    lockSaid: false,
  };
  const tick = (): void => {
    const bytes = traffic.bytes();
    if (!traffic.waiting() || bytes !== state.bytes || traffic.ownTurn()) {
      state.bytes = bytes;
      state.lockedSince = null;
      state.lockSaid = false;
      hear(state, watched);
    } else {
      judge(state, watched, stop);
    }
  };
  const timer = setInterval(tick, Math.min(500, sayMs / 4));
  // A watch keeps no process alive.
  timer.unref();
  const stop = (): void => clearInterval(timer);
  return stop;
};

function hear(state: State, { onSilence, endMs }: Watched): void {
  if (state.said) onSilence({ kind: 'answers', seconds: 0, found: '', endsAfter: endMs / 1000 });
  state.heard = performance.now();
  state.sign = null;
  state.said = false;
}

function judge(state: State, watched: Watched, stop: () => void): void {
  const { sayMs, endMs, interrupt, onSilence } = watched;
  const hurried = interrupt?.aborted === true;
  const silentMs = performance.now() - state.heard;
  const lookMs = Math.min(sayMs / 2, hurried ? hurriedLookMs : sayMs / 2);
  // The first look is over when it is time to say what it found.
  if (!state.looking && silentMs >= (hurried ? Math.min(500, lookMs) : lookMs)) {
    void lookAgain(state, watched, lookMs);
  }
  if (state.sign === null) return;
  const silence = {
    seconds: Math.round(silentMs / 1000),
    found: state.sign.found,
    endsAfter: Math.round(endMs / 1000),
  };
  if (silentMs >= (hurried ? Math.min(endMs, hurriedMs) : endMs)) {
    stop();
    onSilence({ kind: 'ended', ...silence });
    void end(watched, state.sign, lost(silence.seconds, silence.found));
  } else if (!state.said && silentMs >= sayMs) {
    state.said = true;
    onSilence({ kind: 'silent', ...silence });
  }
}

async function lookAgain(state: State, watched: Watched, withinMs: number): Promise<void> {
  state.looking = true;
  const since = state.heard;
  try {
    const sign = await watched.looker.look(watched.pid, withinMs);
    if (state.heard === since) tellLock(state, watched, sign);
    if (sign.alive) hear(state, watched);
    else if (state.heard === since) state.sign = sign;
  } finally {
    state.looking = false;
  }
}

/** Once for each statement. Who waits for two looks has waited for as long as a server is silent before it is reported. */
function tellLock(state: State, { onSilence }: Watched, { lockedBy }: Sign): void {
  if (lockedBy === null) {
    state.lockedSince = null;
    return;
  }
  const seconds = Math.round((performance.now() - (state.lockedSince ?? state.heard)) / 1000);
  if (state.lockedSince === null) state.lockedSince = state.heard;
  else if (!state.lockSaid) {
    state.lockSaid = true;
    onSilence({ kind: 'locked', seconds, found: lockedBy, endsAfter: 0 });
  }
}

/** This end first, so that what is in flight fails with the reason, not with the server's word of the end. */
async function end({ pid, looker, destroy }: Watched, sign: Sign, error: Error): Promise<void> {
  destroy(error);
  if (sign.reachable) await looker.terminate(pid).catch(() => undefined);
}
