// Subscriptions that were in step and lack changes for good: their state says so until a new copy begins, also when
// nothing else tells of it any more.

import { divergeInit, readInit } from '../../metadata/init/init-state.ts';
import { isInitializing } from '../../model/copy/init-state.ts';
import { sayGaps } from '../../model/edge/edge-gap-text.ts';
import type { EmitEvent } from '../../model/event.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import { managedSubscriptions } from '../../planner/facts/edge-gaps.ts';
import type { OpenNodes } from '../nodes.ts';

export interface Loss {
  readonly node: NodeName;
  readonly subscription: string;
  /** What is lost, with what to do. */
  readonly error: string;
  /** It is noted of a copy that is not over, too: later nothing tells of it. */
  readonly setBack?: boolean;
}

interface Noting {
  readonly runId: string;
  readonly emit: EmitEvent;
}

/** A copy that is not over keeps its state otherwise, and so does one that nothing is known of. */
export const noteLosses = async (
  losses: readonly Loss[],
  { metadata }: Pick<OpenNodes, 'metadata'>,
  { runId, emit }: Noting,
): Promise<void> => {
  for (const { node, subscription, error, setBack = false } of losses) {
    const session = metadata.get(node);
    if (session === undefined) continue;
    const init = await readInit(session, { node, subscription });
    const isOpen = init !== null && isInitializing(init.state);
    if (init?.state !== 'synchronized' && !(setBack && isOpen)) continue;
    await divergeInit(session, { node, subscription, runId, emit, error });
  }
};

/** Rows that are missing, as what is on record of the edges shows. */
export const lossesOf = (live: LiveState): readonly Loss[] =>
  managedSubscriptions(live).flatMap(({ node, name, address, spec: { source } }) => {
    const gaps = live.edgeGaps?.[address] ?? [];
    const missing = sayGaps(gaps, { node, name, source: source ?? '' }).filter(
      (gap) => gap.missing,
    );
    if (missing.length === 0) return [];
    const error = missing.map(({ message, command }) => `${message} ${command}`).join(' ');
    return [{ node, subscription: name, error }];
  });
