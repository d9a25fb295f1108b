// Topology files for tests, in which ⟦…⟧ marks the place where a fault must be reported.

import type { Diagnostic } from '../../../src/model/diagnostic.ts';
import { type LoadedTopology, loadTopology } from '../../../src/topology/load.ts';

export const environment = { PRIMARY_URL: 'postgresql://steep@10.0.0.4/app', PASSWORD: 'from-env' };

/** Two nodes and nothing else: what most files need first. */
export const twoNodes = `version: 1
nodes:
  us: { connection: postgresql://steep@us.example/app }
  eu: { connection: postgresql://steep@eu.example/app }
`;

/** A publication of one table on each node. */
export const twoPublications = `${twoNodes}publications:
  from_us: { node: us, tables: [orders] }
  from_eu: { node: eu, tables: [orders] }
`;

/** Both publications, and these subscriptions. */
export const subscriptions = (...rows: readonly string[]): string =>
  `${twoPublications}subscriptions:\n${rows.map((row) => `  ${row}\n`).join('')}`;

/** What a subscription in either direction says at least. */
export const toEu = 'node: eu, source: us, publications: [from_us]';
export const toUs = 'node: us, source: eu, publications: [from_eu]';

export interface Place {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** The text without its mark, and where the mark was, counted in characters. */
export const unmark = (marked: string): { text: string; place: Place } => {
  const start = marked.indexOf('⟦');
  const end = marked.indexOf('⟧');
  if (start === -1 || end === -1) throw new Error('The file has no mark.');
  const before = marked.slice(0, start).split('\n');
  return {
    text: marked.replace('⟦', '').replace('⟧', ''),
    place: {
      line: before.length,
      column: Array.from(before.at(-1) ?? '').length + 1,
      length: Array.from(marked.slice(start + 1, end)).length,
    },
  };
};

export const load = (text: string): LoadedTopology =>
  loadTopology({ text, fileName: 'steep.yaml', environment });

/** What a finding is and where, for comparing in one piece. */
export const brief = ({ severity, code, source }: Diagnostic): object => ({
  severity,
  code,
  line: source?.line,
  column: source?.column,
  length: source?.length,
});

/** Everything that a finding says. */
export const wordsOf = ({ detail, suggestions }: Diagnostic): string =>
  [detail, ...(suggestions ?? [])].join('\n');
