// What a person does after a run has failed: the same command again, and where it refuses, the cure that it prints.

import type { CliResult } from '../support/cli.ts';
import { withoutTriggers } from './tables.ts';
import { subscribe, type World } from './world.ts';

export interface Recovery {
  /** Exit codes of the runs, and the cures between them. */
  readonly history: readonly string[];
  /** What the last run said. */
  readonly last: CliResult;
}

/** More than any chain of cures needs. */
const mostRuns = 8;

export class NotRecovered extends Error {
  override readonly name = 'NotRecovered';
}

/** A run that takes longer hangs. */
const runLimitMs = 240_000;

/** Runs to its end. @throws NotRecovered when it hangs; it is killed then. */
export const runToEnd = async (
  run: ReturnType<World['start']>,
  command: readonly string[],
): Promise<CliResult> => {
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    run.kill('SIGKILL');
  }, runLimitMs);
  const result = await run.result;
  clearTimeout(timer);
  if (hung)
    throw new NotRecovered(
      `steep ${command.join(' ')} hung for ${runLimitMs / 1000} s\n${textOf(result)}`,
    );
  return result;
};

export const textOf = ({ stdout, stderr }: CliResult): string => `${stdout}\n${stderr}`;

/** As `exit 7 UNREACHABLE`. */
export const endOf = (result: CliResult): string => {
  const [, error = null] = /^Code: (\w+)$/m.exec(textOf(result)) ?? [];
  return [result.signal ?? `exit ${result.code}`, ...(error === null ? [] : [error])].join(' ');
};

const consents = /--allow-hazard ([A-Z_]+=(?:"[^"\n]*"|[^\s"'`])+)/g;

/** Who agrees to these has been told that rows will be missing, or left over: no cure. */
const lossy = /^(COPY_INTO_NONEMPTY|COPY_SKIPPED_GAP|SLOT_SKIPS)/;

/** Consent that was asked for by address, which a person gives after having read why. */
const consentIn = (text: string): readonly string[] =>
  [...new Set([...text.matchAll(consents)].map(([, hazard = '']) => hazard))].filter(
    (hazard) => !lossy.test(hazard),
  );

/** Commands to copy, on lines of their own. */
const commandsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^[\s│•*>-]*(?:Try this:\s*)?(steep (?:init|apply|snapshot)[^\n]*)$/gm)].map(
    ([, line = '']) => line.trim(),
  );

/** How messages name tables that must be emptied: of a pair, and of a subscription. */
const filledTables = [
  /on (?<node>\w+) \d+ tables? \((?<list>.*?)\) hold/,
  /\d+ tables? on node (?<node>\w+) holds? rows already, or may \((?<list>.*?)\):/,
];

/** Tables that a person is told to empty; the application does not write there. Null: there are none. */
const emptyAsTold = async (world: World, text: string): Promise<string | null> => {
  if (!/Empty (them|the tables) on/.test(text)) return null;
  const { node: told, list = '' } =
    filledTables.map((pattern) => pattern.exec(text)?.groups).find((found) => found) ?? {};
  const node = world.targets.find(({ name }) => name === told);
  const tables = [...list.matchAll(/((?:"(?:[^"]|"")*"|\w+)\.(?:"(?:[^"]|"")*"|\w+)):/g)];
  if (node === undefined || tables.length === 0) return null;
  for (const [, table] of tables)
    await node.database.query(withoutTriggers(`DELETE FROM ${table}`));
  return `empty ${tables.map(([, table]) => table).join(', ')} on ${node.name}`;
};

/** A slot that a person is told to drop, and does. Null: there is none. */
const dropAsTold = async (world: World, text: string): Promise<string | null> => {
  const [, told, statement] =
    /on (\w+): (SELECT pg_drop_replication_slot\('\w+'\))/.exec(text) ?? [];
  const node = [world.source, ...world.targets].find(({ name }) => name === told);
  if (node === undefined || statement === undefined) return null;
  await node.database.query(statement);
  return `${statement} on ${node.name}`;
};

/** A snapshot that a person is told to make in place of one that is of no use, which is deleted. Null: none. */
const generateAsTold = async (world: World, text: string): Promise<string | null> => {
  const [, line] = /(steep snapshot generate [^\n]*) NEW_FOLDER/.exec(text) ?? [];
  if (line === undefined) return null;
  const old = world.files;
  world.files = `${old}-again`;
  await subscribe(world);
  const made = await recover(world, [...wordsOf(line).slice(1), world.files]);
  await carryOut(world, ['snapshot', 'delete', old]);
  return `${line} ${world.files} (${made.history.join(', ')})`;
};

/** Settings that a person is told to set right for the workers of a node. Null: there are none. */
const setAsTold = async (world: World, text: string): Promise<string | null> => {
  const statements = [...new Set(text.match(/ALTER ROLE \w+ IN DATABASE \w+ SET [^;]+;/g))];
  for (const statement of statements) await world.servers.target.maintenance.query(statement);
  return statements.length === 0 ? null : statements.join(' ');
};

/** A cure that is no command of steep to run in place of this one. Null: none is told. */
const doAsTold = async (world: World, text: string): Promise<string | null> =>
  (await emptyAsTold(world, text)) ??
  (await dropAsTold(world, text)) ??
  (await setAsTold(world, text)) ??
  (await generateAsTold(world, text));

/** What to run next after a run that ended so. */
const nextOf = (
  command: readonly string[],
  result: CliResult,
): readonly { readonly args: readonly string[]; readonly instead: boolean }[] => {
  const text = textOf(result);
  if (result.code !== 3) return [];
  if (text.includes('add --restart') && !command.includes('--restart'))
    return [{ args: [...command, '--restart'], instead: true }];
  const allowed = consentIn(text).filter((hazard) => !command.includes(hazard));
  if (allowed.length > 0) {
    const args = [...command, ...allowed.flatMap((hazard) => ['--allow-hazard', hazard])];
    return [{ args, instead: true }];
  }
  return commandsIn(text).map((line) => ({ args: wordsOf(line).slice(1), instead: false }));
};

/** As a shell splits them. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );

/**
 * Runs the command until it ends with 0.
 * @throws NotRecovered where it refuses and no cure helps, or fails again and again, or hangs.
 */
export const recover = async (world: World, asked = world.command): Promise<Recovery> => {
  const history: string[] = [];
  let command = asked;
  for (let turn = 0; turn < mostRuns; turn += 1) {
    const result = await runToEnd(world.start(command), command);
    history.push(endOf(result));
    if (result.code === 0) return { history, last: result };
    const cures = nextOf(command, result);
    const done = cures.length > 0 ? null : await doAsTold(world, textOf(result));
    if (done !== null) history.push(`cure: ${done}`);
    if (result.code === 3 && cures.length === 0 && done === null)
      throw new NotRecovered(`refused, and no cure to carry out was printed\n${textOf(result)}`);
    for (const { args, instead } of cures) {
      history.push(`cure: steep ${args.join(' ')}`);
      if (instead) command = args;
      else await carryOut(world, args);
    }
    if (turn === mostRuns - 1)
      throw new NotRecovered(`${history.join(', ')}: it does not end\n${textOf(result)}`);
  }
  throw new NotRecovered('unreachable');
};

/** A printed command, which may itself ask for consent. */
const carryOut = async (world: World, args: readonly string[]): Promise<void> => {
  const command = [...args, ...(args.includes('--auto-approve') ? [] : ['--auto-approve'])];
  const first = await runToEnd(world.start(command), command);
  const allowed = consentIn(textOf(first));
  if (first.code !== 3 || allowed.length === 0) return;
  const agreed = [...command, ...allowed.flatMap((hazard) => ['--allow-hazard', hazard])];
  await runToEnd(world.start(agreed), agreed);
};
