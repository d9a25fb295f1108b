// What subscriptions get wrong between them: slots that they share, rows that arrive twice, circles.

import { expect, test } from 'vitest';
import {
  brief,
  load,
  subscriptions,
  toEu,
  toUs,
  twoPublications,
  unmark,
  wordsOf,
} from './marked-file.ts';

const codes = (text: string): readonly string[] => load(text).diagnostics.map(({ code }) => code);

test('two on one source cannot share a slot', () => {
  const { text, place } = unmark(
    `${twoPublications}  more: { node: us, tables: [b] }
subscriptions:
  a: { ${toEu}, slot: shared }
  b: { node: eu, source: us, publications: [more], slot: ⟦shared⟧ }
`,
  );
  expect(load(text).diagnostics.map(brief)).toEqual([
    { severity: 'error', code: 'SLOT_SHARED', ...place },
  ]);
});

test('a slot can have the default name of another', () => {
  const { text, place } = unmark(
    `${twoPublications}  more: { node: us, tables: [b] }
subscriptions:
  a: { node: eu, source: us, publications: [more], slot: b }
  ⟦b⟧: { ${toEu} }
`,
  );
  expect(load(text).diagnostics.map(brief)).toEqual([
    { severity: 'error', code: 'SLOT_SHARED', ...place },
  ]);
});

const oneServer = (port: string): string => `version: 1
nodes:
  a: { connection: host=server dbname=a }
  b: { connection: host=server dbname=b ${port} }
  c: { connection: host=other dbname=c }
publications:
  of_a: { node: a, tables: [t] }
  of_b: { node: b, tables: [u] }
subscriptions:
  one: { node: c, source: a, publications: [of_a], slot: s }
  two: { node: c, source: b, publications: [of_b], slot: s }
`;

test('slots are those of the whole server', () => {
  expect(codes(oneServer(''))).toEqual(['SLOT_SHARED']);
  expect(codes(oneServer('port=5433'))).toEqual([]);
});

const oneDatabase = (dbname: string): string => `version: 1
nodes:
  a: { connection: "postgresql://server:5432/app" }
  b: { connection: { host: server, dbname: ${dbname} } }
publications: { p: { node: a, tables: [t] } }
subscriptions: { s: { node: b, source: a, publications: [p] } }
`;

test('two databases of one server can replicate, one database under two names cannot', () => {
  expect(codes(oneDatabase('other'))).toEqual([]);
  expect(codes(oneDatabase('app'))).toEqual(['SAME_NODE']);
});

test('the same publication twice at one node is a warning', () => {
  const { text, place } = unmark(
    subscriptions(`a: { ${toEu} }`, 'b: { node: eu, source: us, publications: [⟦from_us⟧] }'),
  );
  const { topology, diagnostics } = load(text);
  expect(diagnostics.map(brief)).toEqual([
    { severity: 'warning', code: 'SUBSCRIBED_TWICE', ...place },
  ]);
  expect(diagnostics.map(wordsOf).join()).toContain('through a');
  expect(topology).not.toBeNull();
});

test('a source with an apply_role says how subscribers connect', () => {
  const file = (node: string): string => `version: 1
nodes:
  a: { connection: host=a, apply_role: ships${node} }
  b: { connection: host=b, apply_role: ships }
publications: { p: { node: a, tables: [t] } }
subscriptions: { s: { node: b, source: a, publications: [p] } }
`;
  const [warned, ...rest] = load(file('')).diagnostics;
  expect(rest).toEqual([]);
  expect(warned).toMatchObject({ severity: 'warning', code: 'OWN_CONNECTION_SHARED' });
  expect(warned?.detail).toContain('Node a: ');
  expect(codes(file(', replication_connection: host=a'))).toEqual([]);
});

const none = 'options: { origin: none }';

test('two ways without origin none are a loop, named at both', () => {
  const { diagnostics } = load(subscriptions(`a: { ${toEu} }`, `b: { ${toUs} }`));
  expect(diagnostics.map(({ code, detail }) => `${code} ${detail}`)).toEqual([
    expect.stringMatching(/^LOOP .*us -> eu -> us: a passes on/),
    expect.stringMatching(/^LOOP .*eu -> us -> eu: b passes on/),
  ]);
});

test('only the edge without origin none is at fault', () => {
  const { text, place } = unmark(subscriptions(`a: { ${toEu}, ${none} }`, `⟦b⟧: { ${toUs} }`));
  expect(load(text).diagnostics.map(brief)).toEqual([
    { severity: 'error', code: 'LOOP', ...place },
  ]);
});

test('origin none everywhere, itself or by default, is no loop', () => {
  const both = subscriptions(`a: { ${toEu} }`, `b: { ${toUs} }`);
  expect(codes(subscriptions(`a: { ${toEu}, ${none} }`, `b: { ${toUs}, ${none} }`))).toEqual([]);
  expect(codes(`${both}defaults: { ${none} }\n`)).toEqual([]);
  expect(codes(`${both}defaults: { options: { origin: any } }\n`)).toEqual(['LOOP', 'LOOP']);
});

test('no table comes back: a pair, and one subscription more for another table, is no loop', () => {
  const file = (others: string): string => `version: 1
nodes: { us: { connection: host=us }, eu: { connection: host=eu } }
pairs: { accounts: { nodes: [us, eu], tables: [accounts], init: { method: none } } }
publications: { log: { node: us, tables: ${others} } }
subscriptions: { log: { node: eu, source: us, publications: [log] } }
`;
  expect(codes(file('[log]'))).toEqual([]);
  expect(codes(file('[log, public.accounts]'))).toContain('LOOP');
  expect(codes(file('"*"'))).toContain('LOOP');
});

test('a circle of three is found, and an edge that leads out of it is not in it', () => {
  const { diagnostics } = load(`version: 1
nodes: { a: { connection: host=a }, b: { connection: host=b }, c: { connection: host=c }, d: { connection: host=d } }
publications: { pa: { node: a, tables: [t] }, pb: { node: b, tables: [t] }, pc: { node: c, tables: [t] } }
subscriptions:
  ab: { node: b, source: a, publications: [pa], ${none} }
  bc: { node: c, source: b, publications: [pb] }
  ca: { node: a, source: c, publications: [pc], ${none} }
  cd: { node: d, source: c, publications: [pc] }
`);
  expect(diagnostics.map(({ code, source }) => [code, source?.line])).toEqual([['LOOP', 6]]);
  expect(diagnostics[0]?.detail).toContain('b -> c -> a -> b');
});
