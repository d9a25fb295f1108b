// What every picture of a topology shows: boxes and arrows with their lines of text. Each format
// escapes the text its own way.

import type { Health } from '../../model/edge/edge-health.ts';
import { plural } from '../../model/listing.ts';
import { printable } from '../../model/printable.ts';
import { formatSize } from '../../model/quantity.ts';
import type { GraphEdge, GraphNode, TopologyGraph } from '../../model/report/graph.ts';

export interface Drawing {
  readonly title: string;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

/** How something is, for its colour. Its words say it too. */
export type Tone = 'plain' | 'good' | 'caution' | 'bad';

export interface Box {
  /** `n0`, `n1`: safe in every format. */
  readonly id: string;
  /** The first is the name. */
  readonly lines: readonly string[];
  readonly tone: Tone;
  /** A node that is not one of the topology's. */
  readonly outside: boolean;
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** The first is the name. */
  readonly lines: readonly string[];
  readonly tone: Tone;
}

/** The boxes and arrows of a graph, in its order. */
export const drawingOf = (graph: TopologyGraph): Drawing => {
  const ids = new Map(graph.nodes.map(({ name }, index) => [name, `n${index}`]));
  const outside = {
    id: 'outside',
    lines: ['not in steep.yaml'],
    tone: 'plain',
    outside: true,
  } as const;
  const idOf = (name: string | null): string =>
    (name === null ? undefined : ids.get(name)) ?? outside.id;
  const counts = `${plural(graph.nodes.length, 'node')}, ${plural(graph.edges.length, 'subscription')}`;
  return {
    title: graph.readAt === null ? counts : `${counts}, as of ${graph.readAt}`,
    boxes: [
      ...graph.nodes.map((node) => ({ ...boxOf(node), id: idOf(node.name) })),
      ...(graph.edges.some(({ from }) => from === null) ? [outside] : []),
    ],
    arrows: graph.edges.map((edge) => ({
      from: idOf(edge.from),
      to: idOf(edge.to),
      lines: arrowLines(edge).map(printable),
      tone: edge.live === null ? 'plain' : tones[edge.live.health],
    })),
  };
};

const boxOf = ({ name, live }: GraphNode): Omit<Box, 'id'> => {
  const tone = live?.reachable === false ? 'bad' : 'plain';
  return { lines: [name, ...nodeFacts(live)].map(printable), tone, outside: false };
};

const nodeFacts = (live: GraphNode['live']): readonly string[] => {
  if (live === null) return [];
  return live.reachable
    ? [`PostgreSQL ${live.version}, ${live.role}`]
    : [`NOT READ: ${live.error.code}`];
};

const arrowLines = (edge: GraphEdge): readonly string[] => [
  edge.subscription,
  edge.file === null
    ? 'not in steep.yaml'
    : `${edge.file.publications.length === 1 ? 'publication' : 'publications'} ${listed(edge.file.publications)}`,
  `${edge.slot === null ? 'no slot' : `slot ${edge.slot}`}, ${tablesOf(edge)}`,
  ...(edge.live === null && edge.file?.enabled === false ? ['disabled'] : []),
  ...(edge.live === null
    ? []
    : [`${words[edge.live.health]}, lag ${formatSize(edge.live.lagBytes)}`]),
];

const tablesOf = ({ file, live }: GraphEdge): string => {
  if (live !== null && live.tablesTotal > 0) {
    const { tablesReady, tablesTotal } = live;
    return tablesReady === tablesTotal
      ? plural(tablesTotal, 'table')
      : `${tablesReady}/${plural(tablesTotal, 'table')} ready`;
  }
  if (file === null) return 'tables unknown';
  if (file.wildcards.includes('*')) return 'all tables';
  const named =
    file.tables === 0 && file.wildcards.length > 0 ? [] : [plural(file.tables, 'table')];
  return listed([...named, ...file.wildcards]);
};

const most = 3;

const listed = (names: readonly string[]): string =>
  names.length <= most
    ? names.join(', ')
    : `${names.slice(0, most - 1).join(', ')} and ${names.length - most + 1} more`;

const tones: Readonly<Record<Health, Tone>> = {
  ok: 'good',
  lagging: 'caution',
  copying: 'caution',
  disabled: 'caution',
  unknown: 'bad',
  broken: 'bad',
};

/** Bad news in capitals: it must be seen without colour too. */
const words: Readonly<Record<Health, string>> = {
  ok: 'ok',
  lagging: 'lagging',
  copying: 'copying',
  disabled: 'disabled',
  unknown: 'UNKNOWN',
  broken: 'BROKEN',
};
