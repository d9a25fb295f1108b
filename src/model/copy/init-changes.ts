// What changed between two readings of the initial copies, as the events that their run told. Pure.

import type { RunEventBody } from '../event.ts';
import { progressEvent } from './init-progress.ts';
import type { InitReading } from './init-reading.ts';

export interface InitChange {
  readonly reading: InitReading;
  readonly events: readonly RunEventBody[];
}

/** By what people and machines see: a time or a run alone is no change. */
const textOf = ({ state, error, progress }: InitReading): string =>
  JSON.stringify([state, error, progress]);

const initKey = ({ node, subscription }: InitReading): string => `${node}/${subscription}`;

/** Of every copy that is new or another than before, in the order of the readings. */
export const initChanges = (
  before: readonly InitReading[],
  after: readonly InitReading[],
): readonly InitChange[] => {
  const known = new Map(before.map((reading) => [initKey(reading), reading]));
  return after.flatMap((reading) => {
    const old = known.get(initKey(reading));
    if (old !== undefined && textOf(old) === textOf(reading)) return [];
    return [{ reading, events: eventsOf(old, reading) }];
  });
};

const eventsOf = (
  old: InitReading | undefined,
  { node, source, subscription, state, progress }: InitReading,
): readonly RunEventBody[] => {
  const subject = { node_id: node, source_node: source, subscription };
  const from_state = old?.state ?? null;
  return [
    ...(from_state === state
      ? []
      : [{ event: 'init.state_change', ...subject, from_state, to_state: state } as const]),
    ...(progress === null ? [] : [progressEvent(subject, progress)]),
  ];
};
