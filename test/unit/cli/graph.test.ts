// Pictures of a topology: what they say, and that no name breaks out of its place.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawingOf } from '../../../src/cli/graph/drawing.ts';
import { renderGraph } from '../../../src/cli/graph/render.ts';
import type { EdgeStatus } from '../../../src/model/edge/edge-health.ts';
import { graphOf, type TopologyGraph } from '../../../src/model/report/graph.ts';
import type { StatusReport } from '../../../src/model/report/status.ts';
import { validateTopology } from '../../../src/topology/load.ts';
import { wellEdge } from '../../support/plans/edges.ts';

const text = `version: 1
nodes:
  us: { connection: host=us dbname=a }
  eu: { connection: host=eu dbname=a }
publications:
  from_us: { node: us, tables: [orders, customers], schemas: [billing] }
  more: { node: us, tables: [orders, items] }
  from_eu: { node: eu, tables: "*" }
subscriptions:
  to_eu: { node: eu, source: us, publications: [from_us, more], options: { origin: none } }
  to_us: { node: us, source: eu, publications: [from_eu], slot: back, enabled: false, options: { origin: none } }
`;

const { desired } = validateTopology({ text, fileName: 'steep.yaml', environment: {} });
if (desired === null) throw new Error('The file must be valid.');

const verdict = { code: 'LAG_UNKNOWN', reason: '', details: [], cure: [] } as const;

const edge = (change: Partial<EdgeStatus>): EdgeStatus => ({
  ...wellEdge,
  subscription: 'to_eu',
  source: 'us',
  node: 'eu',
  slot: 'to_eu',
  lagBytes: 1024,
  retainedBytes: 1024,
  tablesReady: 2,
  tablesTotal: 3,
  verdict: { ...verdict, health: 'copying' },
  ...change,
});

const report: StatusReport = {
  readAt: '2026-01-31T12:00:00.000Z',
  nodes: [
    {
      name: 'us',
      reachable: true,
      version: '17.5',
      role: 'primary',
      state: 'synchronized',
      metadataVersion: 1,
    },
    { name: 'eu', reachable: false, error: { code: 'UNREACHABLE', message: 'refused' } },
  ],
  edges: [
    edge({}),
    edge({
      subscription: 'feed',
      source: 'unknown',
      slot: null,
      lagBytes: null,
      verdict: { ...verdict, health: 'unknown' },
    }),
  ],
  verifications: [],
  snapshots: [],
  overall: 'unknown',
};

describe('the graph', () => {
  test('of the file counts each table once, and leaves wildcards open', () => {
    expect(graphOf(desired, null).edges).toEqual([
      {
        subscription: 'to_eu',
        from: 'us',
        to: 'eu',
        slot: 'to_eu',
        file: {
          publications: ['from_us', 'more'],
          tables: 3,
          wildcards: ['billing.*'],
          enabled: true,
        },
        live: null,
      },
      {
        subscription: 'to_us',
        from: 'eu',
        to: 'us',
        slot: 'back',
        file: { publications: ['from_eu'], tables: 0, wildcards: ['*'], enabled: false },
        live: null,
      },
    ]);
  });

  test('of the servers also has what is not in the file', () => {
    const { edges, nodes } = graphOf(desired, report);
    expect(nodes.map(({ live }) => live?.reachable)).toEqual([false, true]);
    const found = edges.map(({ subscription, from, live }) => [subscription, from, live?.health]);
    expect(found).toEqual([
      ['to_eu', 'us', 'copying'],
      ['to_us', 'eu', undefined],
      ['feed', null, 'unknown'],
    ]);
  });
});

test('two ways are two edges: Mermaid', () => {
  expect(renderGraph(graphOf(desired, null), 'mermaid')).toMatchInlineSnapshot(`
    "flowchart LR
      accTitle: 2 nodes, 2 subscriptions
      n0["eu"]
      n1["us"]
      n1 -->|"to_eu<br/>publications from_us, more<br/>slot to_eu, 3 tables, billing.#42;"| n0
      n0 -->|"to_us<br/>publication from_eu<br/>slot back, all tables<br/>disabled"| n1
    "
  `);
});

test('what the servers say, in Mermaid', () => {
  expect(renderGraph(graphOf(desired, report), 'mermaid')).toMatchInlineSnapshot(`
    "flowchart LR
      accTitle: 2 nodes, 3 subscriptions, as of 2026-01-31T12:00:00.000Z
      n0["eu<br/>NOT READ#58; UNREACHABLE"]
      n1["us<br/>PostgreSQL 17.5, primary"]
      outside["not in steep.yaml"]
      n1 -->|"to_eu<br/>publications from_us, more<br/>slot to_eu, 2/3 tables ready<br/>copying, lag 1.0 kB"| n0
      n0 -->|"to_us<br/>publication from_eu<br/>slot back, all tables<br/>disabled"| n1
      outside -->|"feed<br/>not in steep.yaml<br/>no slot, 2/3 tables ready<br/>UNKNOWN, lag unknown"| n0
      style n0 stroke:#cf222e
      style outside stroke-dasharray:4
      linkStyle 0 stroke:#9a6700
      linkStyle 2 stroke:#cf222e
    "
  `);
});

test('Graphviz', () => {
  expect(renderGraph(graphOf(desired, report), 'dot')).toMatchInlineSnapshot(`
    "digraph steep {
      graph [rankdir=LR, label="2 nodes, 3 subscriptions, as of 2026-01-31T12:00:00.000Z", labelloc=b, fontname="sans-serif", fontsize=10]
      node [shape=box, style=rounded, fontname="sans-serif", fontsize=12]
      edge [fontname="sans-serif", fontsize=10]
      n0 [label="eu\\nNOT READ: UNREACHABLE", color="#cf222e"]
      n1 [label="us\\nPostgreSQL 17.5, primary", color="#57606a"]
      outside [label="not in steep.yaml", color="#57606a", style="rounded,dashed"]
      n1 -> n0 [label="to_eu\\npublications from_us, more\\nslot to_eu, 2/3 tables ready\\ncopying, lag 1.0 kB", color="#9a6700"]
      n0 -> n1 [label="to_us\\npublication from_eu\\nslot back, all tables\\ndisabled", color="#57606a"]
      outside -> n0 [label="feed\\nnot in steep.yaml\\nno slot, 2/3 tables ready\\nUNKNOWN, lag unknown", color="#cf222e"]
    }
    "
  `);
});

/** Of the node that every graph has beside the one of a random name. */
const otherName = 'b';

const named = (name: string): TopologyGraph => ({
  readAt: null,
  nodes: [
    { name, live: null },
    { name: otherName, live: null },
  ],
  edges: [
    {
      subscription: name,
      from: name,
      to: otherName,
      slot: name,
      file: { publications: [name], tables: 1, wildcards: [], enabled: true },
      live: null,
    },
  ],
});

describe('any name stays in its place', () => {
  const names = fc
    .oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
      fc.string({
        unit: fc.constantFrom(...Array.from('"\\\'`<>&]}#;|%\n\r\u2028 -x')),
        minLength: 1,
        maxLength: 20,
      }),
    )
    .filter((name) => name !== otherName);

  test('Mermaid: the lines of a picture are those of its nodes and edges', () => {
    fc.assert(
      fc.property(names, (name) => {
        const lines = renderGraph(named(name), 'mermaid')
          .trimEnd()
          .split(/[\n\r\u2028\u2029]/);
        expect(lines).toHaveLength(5);
        // Boxes are drawn in order of their names.
        expect(lines.find((line) => line.startsWith('  n0['))).toMatch(
          /^ {2}n0\["(?:[\p{L}\p{M}\p{N} _,./()\u{fffd}-]|#\d+;)*"\]$/u,
        );
        expect(lines[4]).toMatch(/^ {2}n0 -->\|"[^"|`\\]*"\| n1$/);
      }),
    );
  });

  test('Graphviz: a text ends where it should', () => {
    fc.assert(
      fc.property(names, (name) => {
        const lines = renderGraph(named(name), 'dot').split('\n');
        expect(lines.find((line) => line.startsWith('  n0 ['))).toMatch(
          /^ {2}n0 \[label="(?:[^"\\]|\\\\|\\")*", color="#\w+"\]$/u,
        );
      }),
    );
  });

  test('SVG: nothing but the characters that XML takes, and no mark-up', () => {
    fc.assert(
      fc.property(names, (name) => {
        const svg = renderGraph(named(name), 'svg');
        expect(svg).not.toMatch(/[^\t\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
        const texts = svg.replace(/<[a-z/][^<>]*>/g, '');
        expect(texts).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;|#39;)/);
        const shape = svg.replace(/>[^<]+</g, '><').replace(/"[^"]*"/g, '""');
        const plain = renderGraph(named('a'), 'svg');
        expect(shape).toBe(plain.replace(/>[^<]+</g, '><').replace(/"[^"]*"/g, '""'));
      }),
    );
  });
});

test('the SVG loads nothing and runs nothing', () => {
  const svg = renderGraph(graphOf(desired, report), 'svg');
  expect(svg).not.toMatch(/<script|<foreignObject|<image|<use|href|@import|url\((?!#)/i);
  expect(svg.match(/marker-end/g)).toHaveLength(3);
  // Every colour of the picture has another one where the screen is dark.
  const [style = '', ...rest] = svg.split('</style>');
  for (const [, painted] of rest.join('').matchAll(/ ((?:fill|stroke)="#[^"]+")/g)) {
    expect(style).toContain(`[${painted}]{`);
  }
});

test('the same graph gives the same picture', () => {
  const draw = () => renderGraph(graphOf(desired, report), 'svg');
  expect(draw()).toBe(draw());
  const { boxes } = drawingOf(graphOf(desired, report));
  expect(boxes.map(({ id }) => id)).toEqual(['n0', 'n1', 'outside']);
});
