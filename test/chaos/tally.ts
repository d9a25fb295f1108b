// Adds up the plays of all runs of which tmp/chaos/ has lines, as tables: npm run chaos:tally

import { globSync, readFileSync } from 'node:fs';
import type { Tallied } from './report.ts';

const plays = globSync('tmp/chaos/*/plays.ndjson').flatMap((file) =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Tallied),
);
const pairs = [...new Set(plays.map(({ pair }) => pair))].toSorted();
const kinds = [...new Set(plays.flatMap(({ struck }) => struck))].toSorted();

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |\n`;

const ofPair = (pair: string): readonly Tallied[] => plays.filter((play) => play.pair === pair);

const byPair = pairs.map((pair) => {
  const those = ofPair(pair);
  return row([
    pair,
    those.length,
    those.reduce((sum, { struck }) => sum + struck.length, 0),
    those.filter(({ cured }) => cured).length,
    those.filter(({ failure }) => failure !== null).length,
  ]);
});

const strikesOf = (pair: string, kind: string): number =>
  ofPair(pair).reduce((sum, { struck }) => sum + struck.filter((one) => one === kind).length, 0);

const byKind = kinds.map((kind) =>
  row([`\`${kind}\``, ...pairs.map((pair) => strikesOf(pair, kind))]),
);

process.stdout.write(
  [
    row(['pair', 'plays', 'faults that struck', 'equal after a cure', 'failed']),
    row(['---', '---', '---', '---', '---']),
    ...byPair,
    '\n',
    row(['kind', ...pairs]),
    row(['---', ...pairs.map(() => '---')]),
    ...byKind,
  ].join(''),
);
