// A topology in one of the formats that pictures come in.

import type { TopologyGraph } from '../../model/report/graph.ts';
import { renderDot } from './dot.ts';
import { type Drawing, drawingOf } from './drawing.ts';
import { renderMermaid } from './mermaid.ts';
import { renderSvg } from './svg.ts';

const formats = {
  mermaid: renderMermaid,
  dot: renderDot,
  svg: renderSvg,
} as const satisfies Readonly<Record<string, (drawing: Drawing) => string>>;

export type GraphFormat = keyof typeof formats;

export const graphFormats = ['mermaid', 'dot', 'svg'] as const satisfies readonly GraphFormat[];

/** The picture, with its last line ended. */
export const renderGraph = (graph: TopologyGraph, format: GraphFormat): string =>
  formats[format](drawingOf(graph));
