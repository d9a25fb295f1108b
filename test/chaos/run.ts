// Random faults on random topologies, until so many have struck: npm run chaos -- --pair 14,18 --faults 250 --seed 7
// Ends with 1 where a play failed; what is needed to play it again is in tmp/chaos/. Build first.

import { join } from 'node:path';
import { startKeeper } from '../support/servers/start-keeper.ts';
import { readOptions } from './options.ts';
import { type Outcome, play } from './play.ts';
import { killEarlyReinits } from './reinit-early-kill.ts';
import { lineOf, struckIn, summaryOf, writeFailure, writeOutcome } from './report.ts';
import { startServers } from './servers.ts';

// Sessions of the harness find their tables whatever a fault sets for the role; steep does not inherit it.
process.env.PGOPTIONS = '-c search_path=public';

const options = readOptions(process.argv.slice(2));
const { pair, seed, minutes } = options;
/** What this run leaves behind. */
const directory = join('tmp', 'chaos', `${pair.join('-')}-seed-${seed}`);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const keeper = await startKeeper();
const outcomes: Outcome[] = [];
let stopped = false;
process.once('SIGINT', () => {
  stopped = true;
});
try {
  const servers = await startServers(keeper.url, pair, true);
  const end = minutes === null ? Number.POSITIVE_INFINITY : Date.now() + minutes * 60_000;
  let struck = 0;
  /** Whether it is enough. */
  const note = async (outcome: Outcome): Promise<boolean> => {
    outcomes.push(outcome);
    struck += struckIn(outcome);
    say(lineOf(seed, outcome));
    await writeOutcome(directory, pair, seed, outcome);
    if (outcome.failure !== null) await keep(outcome);
    return stopped || options.only !== null || struck >= options.faults || Date.now() > end;
  };
  if (options.mode === 'reinit-early-kill')
    await killEarlyReinits(servers, seed, options.from, note);
  else {
    for (let index = options.only ?? options.from; ; index += 1) {
      if (await note(await play(servers, { seed, index, faults: options.kinds }))) break;
    }
  }
  await servers.close();
} finally {
  await keeper.end();
}
say(summaryOf(outcomes));
if (outcomes.some(({ failure }) => failure !== null)) process.exitCode = 1;

async function keep(outcome: Outcome): Promise<void> {
  const which =
    options.mode === 'plays'
      ? `--only ${outcome.index}`
      : `--mode ${options.mode} --from ${outcome.index}`;
  const again = `npm run chaos -- --pair ${pair.join(',')} --seed ${seed} ${which}${options.kindFlags}`;
  say(`    ${await writeFailure(directory, again, outcome)}; again: ${again}`);
}
