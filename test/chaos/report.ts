// What a chaos run says: a line for each play, what failed with all that is needed to play it again, and a summary.

import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outcome } from './play.ts';

const describeScene = ({ scene }: Outcome): string =>
  `${scene.shape} ${scene.init}${scene.held ? ' held' : ''}, ${scene.tables.length + 1} tables`;

/** How it ended, in a word or two. */
const verdictOf = ({ failure, strikes, history }: Outcome): string => {
  if (failure !== null) return 'FAILED';
  if (strikes.every(({ struck }) => struck === null)) return 'equal, nothing struck';
  return history.some((line) => line.startsWith('cure')) ? 'equal after a cure' : 'equal';
};

/** As `copy: SIGKILL, exit 0; reinit: exit 0`. */
const acted = ({ history }: Outcome): string =>
  history
    .join(', ')
    .replace(/, (\w+:)(?=,|$)/g, '; $1')
    .replace(/:, /g, ': ');

/** One line, then one for each strike. */
export const lineOf = (seed: number, outcome: Outcome): string =>
  [
    `seed ${seed} #${outcome.index} ${verdictOf(outcome)} (${acted(outcome)}), ${describeScene(outcome)}, ${outcome.commits} commits, ${outcome.seconds.toFixed(1)} s`,
    ...outcome.strikes.map(
      ({ kind, of, struck }) => `    ${of}, ${kind}: ${struck ?? 'nothing was struck'}`,
    ),
    ...(outcome.failure === null ? [] : [`    ${outcome.failure.split('\n')[0] ?? ''}`]),
  ].join('\n');

/** Strikes that hit something. */
export const struckIn = ({ strikes }: Outcome): number =>
  strikes.filter(({ struck }) => struck !== null).length;

/** By kind: how often it struck, how often all was equal at once or after a cure, how often not. */
export const summaryOf = (outcomes: readonly Outcome[]): string => {
  const kinds = [
    ...new Set(outcomes.flatMap(({ strikes }) => strikes.map(({ kind }) => kind))),
  ].toSorted();
  const lines = kinds.map((kind) => {
    const those = outcomes.filter(({ strikes }) =>
      strikes.some((strike) => strike.kind === kind && strike.struck !== null),
    );
    const failed = those.filter(({ failure }) => failure !== null);
    const cured = those.filter((outcome) => verdictOf(outcome) === 'equal after a cure');
    const which = failed.length === 0 ? '' : ` (#${failed.map(({ index }) => index).join(', #')})`;
    return `  ${kind.padEnd(26)} ${String(those.length).padStart(4)} struck, ${cured.length} after a cure, ${failed.length} failed${which}`;
  });
  const struck = outcomes.reduce((sum, outcome) => sum + struckIn(outcome), 0);
  const failed = outcomes.filter(({ failure }) => failure !== null).length;
  return [`${struck} faults in ${outcomes.length} plays, ${failed} plays failed`, ...lines].join(
    '\n',
  );
};

/** Everything that is known of a failure, in a file; returns its path. */
export const writeFailure = async (
  directory: string,
  again: string,
  outcome: Outcome,
): Promise<string> => {
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${outcome.index}.txt`);
  const { scene, strikes, history, failure } = outcome;
  await writeFile(
    path,
    `${again}\n\n${failure}\n\n${JSON.stringify({ strikes, history, scene }, null, 2)}\n`,
  );
  return path;
};

/** What counts of a play, as one line of JSON: test/chaos/tally.ts adds them up. */
export interface Tallied {
  readonly pair: string;
  readonly seed: number;
  readonly index: number;
  readonly struck: readonly string[];
  readonly cured: boolean;
  readonly failure: string | null;
}

/** Adds a play to those of its run. */
export const writeOutcome = async (
  directory: string,
  pair: readonly number[],
  seed: number,
  outcome: Outcome,
): Promise<void> => {
  await mkdir(directory, { recursive: true });
  const { index, strikes, failure } = outcome;
  const line: Tallied = {
    pair: pair.join(','),
    seed,
    index,
    struck: strikes.filter(({ struck }) => struck !== null).map(({ kind }) => kind),
    cured: verdictOf(outcome) === 'equal after a cure',
    failure: failure?.split('\n')[0] ?? null,
  };
  await appendFile(join(directory, 'plays.ndjson'), `${JSON.stringify(line)}\n`);
};
