// What tables that are initialized again do to the state of their subscription. A copy that is under way anyhow
// keeps its state. All of it runs in a transaction that the caller has begun.

import { canTransition } from '../../model/copy/init-state.ts';
import type { Session } from '../../postgres/session.ts';
import { type InitMove, moveInitWithin, readInit } from './init-state.ts';

type Init = Omit<InitMove, 'to' | 'error'>;

/** The subscription has given up tables, which come back empty. */
export const beginReinit = async (session: Session, init: Init): Promise<void> => {
  const state = (await readInit(session, init))?.state ?? null;
  if (state === null || !canTransition(state, 'reinitializing')) return;
  await moveInitWithin(session, { ...init, to: 'reinitializing' });
};

/** They are copied. Tables that are new to a subscription in step do not make it a new one. */
export const copyAgain = async (session: Session, init: Init): Promise<void> => {
  const state = (await readInit(session, init))?.state ?? null;
  if (state === 'reinitializing') await moveInitWithin(session, { ...init, to: 'copying' });
};
