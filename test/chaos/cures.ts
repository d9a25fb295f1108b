// What messages of steep tell a person to do, and how it is done.

import type { CliResult } from '../support/cli.ts';
import { textOf } from './runs.ts';
import { withoutTriggers } from './tables.ts';
import { subscribe, type World } from './world.ts';

/** Bare, or quoted for a shell. */
const consents = /--allow-hazard (?:'([A-Z_]+=[^'\n]+)'|([A-Z_]+=(?:"[^"\n]*"|[^\s"'`])+))/g;

/** Who agrees to these has been told that rows will be missing, or left over: no cure. */
const lossy = /^(COPY_INTO_NONEMPTY|COPY_SKIPPED_GAP|SLOT_SKIPS|PUBLICATION_REPLACED)/;

/** Consent that was asked for by address, which a person gives after having read why. */
const consentIn = (text: string): readonly string[] =>
  [...new Set([...text.matchAll(consents)].map(([, quoted, bare]) => quoted ?? bare ?? ''))].filter(
    (hazard) => !lossy.test(hazard),
  );

/** Commands to copy: on lines of their own, and at the end of a sentence that says what they do. */
const commandsIn = (text: string): readonly string[] => {
  const lines = text.matchAll(
    /^[\s│•*>-]*(?:Try this:\s*)?(steep (?:init|apply|snapshot)[^\n]*)$/gm,
  );
  const found = [...lines].map(([, line = '']) => line.trim());
  return found.length > 0 ? found : reinitsIn(text);
};

/** One command for all: a table that others refer to is not emptied alone. */
const reinitsIn = (text: string): readonly string[] => {
  const told = [...text.matchAll(/: steep apply --reinit ('[^'\n]+'|\S+)/g)];
  const tables = [...new Set(told.map(([, table = '']) => table))];
  return tables.length === 0
    ? []
    : [`steep apply ${tables.map((table) => `--reinit ${table}`).join(' ')}`];
};

/** Counters that a person is told to reset, once the tables are copied again. */
export const resetAsTold = async (world: World, text: string): Promise<void> => {
  const told =
    text.match(/SELECT pg_stat_reset_subscription_stats\(oid\) FROM pg_subscription [^;]+;/g) ?? [];
  for (const statement of new Set(told)) {
    for (const { database } of world.targets) await database.query(statement);
  }
};

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
const generateAsTold = async (world: World, text: string, again: Again): Promise<string | null> => {
  const [, line] = /(steep snapshot generate [^\n]*) NEW_FOLDER/.exec(text) ?? [];
  if (line === undefined) return null;
  const [, first] = /First apply [^:]*: (steep apply --target .*?)\. Then/.exec(text) ?? [];
  if (first !== undefined) await again([...wordsOf(first).slice(1), '--auto-approve']);
  const old = world.files;
  world.files = `${old}-again`;
  await subscribe(world);
  const history = await again([...wordsOf(line).slice(1), world.files]);
  const removal = await again(['snapshot', 'delete', old, '--auto-approve']);
  return `${line} ${world.files} (${history.join(', ')}), delete ${old} (${removal.join(', ')})`;
};

/** Settings that a person is told to set right for the workers of a node. Null: there are none. */
const setAsTold = async (world: World, text: string): Promise<string | null> => {
  const told = [...text.matchAll(/ALTER ROLE \w+ IN DATABASE (\w+) SET [^;]+;/g)];
  const statements = new Map(told.map(([statement, database]) => [statement, database]));
  for (const [statement, name] of statements) {
    const node = [world.source, ...world.targets].find(({ database }) => database.name === name);
    await node?.server.maintenance.query(statement);
  }
  return statements.size === 0 ? null : [...statements.keys()].join(' ');
};

/** Runs a command to its end as a person would, and says how its runs ended. */
export type Again = (args: readonly string[]) => Promise<readonly string[]>;

/** A cure that is no command of steep to run in place of this one. Null: none is told. */
export const doAsTold = async (world: World, text: string, again: Again): Promise<string | null> =>
  (await emptyAsTold(world, text)) ??
  (await dropAsTold(world, text)) ??
  (await setAsTold(world, text)) ??
  (await generateAsTold(world, text, again));

/** Tables that cannot be copied again before the rest is applied: what is missing stays on record meanwhile. */
const isTwofold = (text: string): boolean => /First apply what else has changed with/.test(text);

const twofold = (command: readonly string[], text: string): ReturnType<typeof nextOf> => {
  const told = [...text.matchAll(consents)].map(([, inQuotes, bare]) => inQuotes ?? bare ?? '');
  const allowed = [...new Set(told)].flatMap((hazard) => ['--allow-hazard', hazard]);
  return [
    { args: [...command, ...allowed], instead: false },
    ...reinitsIn(text).map((line) => ({ args: printed(line), instead: false })),
  ];
};

/** The command with the flag by which it begins again; null: that is not told. */
const startedOver = (
  command: readonly string[],
  text: string,
  again: boolean,
): readonly string[] | null => {
  const isNew = (flag: string): boolean => !command.includes(flag);
  if (command[1] === 'prepare' && text.includes('--renew') && isNew('--renew'))
    return [...command, '--renew'];
  // What failed once may pass the second time; what fails twice does as it is told.
  return again && text.includes('add --restart') && isNew('--restart')
    ? [...command, '--restart']
    : null;
};

/** What to run next after a run that ended so. */
export const nextOf = (
  command: readonly string[],
  result: CliResult,
  before: CliResult | null,
): readonly { readonly args: readonly string[]; readonly instead: boolean }[] => {
  const text = textOf(result);
  // What is behind may arrive in a moment: a person waits for a second look.
  if (result.code === 8 && before?.code === 8)
    return reinitsIn(text).map((line) => ({ args: printed(line), instead: false }));
  const isSame = result.code === before?.code;
  const over = startedOver(command, text, result.code === 3 || isSame);
  if (over !== null) return [{ args: over, instead: true }];
  if (result.code !== 3) return [];
  if (isTwofold(text)) return twofold(command, text);
  const allowed = consentIn(text).filter((hazard) => !command.includes(hazard));
  if (allowed.length > 0) {
    const args = [...command, ...allowed.flatMap((hazard) => ['--allow-hazard', hazard])];
    return [{ args, instead: true }];
  }
  return commandsIn(text).map((line) => ({ args: printed(line), instead: false }));
};

/** The arguments of a printed command; nobody is asked. */
const printed = (line: string): readonly string[] => {
  const [, command = '', ...rest] = wordsOf(line);
  return [command, ...rest, ...(['apply', 'init'].includes(command) ? ['--auto-approve'] : [])];
};

/** As a shell splits them. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );
