// What the readers of all watched nodes share: the ends of edges as they were read last, and what a whole look brought.

import type { ReadOfPublisher } from '../../catalog/edge/read-edge.ts';
import type { InitReading } from '../../model/copy/init-reading.ts';
import type { EdgeName, EdgeSurroundings } from '../../model/edge/edge-facts.ts';
import type { PublisherEnd, SubscriberEnd } from '../../model/edge/edge-reading.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import type { WatchEvent } from '../../model/watch/watch-event.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';

/** What all nodes together tell, looked at now and then. */
export interface WatchIntrospection {
  readonly live: LiveState;
  /** Edges whose slot was prepared by hand, by node and name. */
  readonly prepared: ReadonlySet<string>;
}

/** Both ends of an edge: each is read by the reader of its own node. */
export interface WatchedEnds {
  readonly name: EdgeName;
  /** As the last whole look has it, without its initial copy. */
  around: EdgeSurroundings;
  /** What it reads of its publisher by steep.yaml, as long as the subscription itself is not read. */
  wanted: ReadOfPublisher;
  /** Null: not read, or its node does not answer. */
  subscriber: SubscriberEnd | 'gone' | null;
  publisher: PublisherEnd | null;
  /** What the publisher was read for; null: it was not. */
  readFor: string | null;
  init: InitReading | null;
  /** What was told of it last; null: nothing. */
  told: { readonly facts: string; readonly tables: string; readonly at: number } | null;
}

/** Without the field that the readers stamp. */
type Untimed<Event> = Event extends WatchEvent ? Omit<Event, 'at'> : never;

export interface WatchHub {
  readonly project: Project;
  readonly runtime: RuntimeEnvironment;
  readonly signal: AbortSignal;
  /** The one thing that a watch writes. */
  readonly notesSeen: boolean;
  readonly emit: (event: Untimed<WatchEvent>) => void;
  /** By node and name of the subscription; those of `indexed`. */
  readonly edges: Map<string, WatchedEnds>;
  indexed: WatchIntrospection | null;
  /** Nodes that cannot be read right now. */
  readonly lost: Set<NodeName>;
  /** Makes the reader of a node look as soon as it may. */
  readonly wakeups: Map<NodeName, () => void>;
  /** Until any node was read again. */
  readonly nextLook: () => Promise<void>;
  readonly announceLook: (node: NodeName) => void;
  /** Nodes that were read, or could not be, since the watch began. */
  readonly looked: ReadonlySet<NodeName>;
  introspection: WatchIntrospection;
}

const makeLooks = (): Pick<WatchHub, 'nextLook' | 'announceLook' | 'looked'> => {
  let next = Promise.withResolvers<void>();
  const looked = new Set<NodeName>();
  return {
    nextLook: () => next.promise,
    looked,
    announceLook: (node) => {
      looked.add(node);
      next.resolve();
      next = Promise.withResolvers();
    },
  };
};

export const makeHub = (
  project: Project,
  {
    onEvent,
    ...given
  }: Pick<WatchHub, 'signal' | 'notesSeen'> & { readonly onEvent: (event: WatchEvent) => void },
  runtime: RuntimeEnvironment,
): WatchHub => ({
  project,
  ...given,
  runtime,
  emit: (event) => onEvent({ ...event, at: runtime.now().getTime() } as WatchEvent),
  edges: new Map(),
  indexed: null,
  lost: new Set(),
  wakeups: new Map(),
  ...makeLooks(),
  introspection: { live: { readAt: '', nodes: {}, unreadable: {} }, prepared: new Set() },
});
