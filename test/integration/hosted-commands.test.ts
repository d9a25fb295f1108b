// Commands that one process runs after the other (test/support/command-host.ts) say and do what they do in a process of
// their own.

import { expect, test } from 'vitest';
import { type CliOptions, spawnCli } from '../support/cli.ts';
import { askHost } from '../support/hosted-cli.ts';

const project = 'examples/01-two-nodes';

/** Nothing listens on port 1. */
const urls = {
  PRIMARY_URL: 'postgresql://a:secret-of-primary@127.0.0.1:1/a',
  REPORTING_URL: 'postgresql://b:secret-of-reporting@127.0.0.1:1/b',
};

const commands: readonly (readonly [string, readonly string[], CliOptions])[] = [
  ['a result', ['validate'], { cwd: project, env: urls }],
  ['a document', ['validate', '--json'], { cwd: project, env: urls }],
  ['another environment', ['validate'], { cwd: project }],
  ['another directory', ['validate'], { env: urls }],
  ['servers that do not answer', ['plan'], { cwd: project, env: urls }],
  ['the same as a document', ['status', '--json'], { cwd: project, env: urls }],
  ['what is asked without a terminal', ['apply'], { cwd: project, env: urls, input: 'yes\n' }],
  ['help', ['plan', '--help'], {}],
  ['a command that does not exist', ['nonsense'], {}],
  ['a flag that does not exist', ['plan', '--nonsense'], {}],
  ['after one that ended its process', ['--version'], {}],
];

const { PATH = '', HOME = '' } = process.env;

const hosted = (args: readonly string[], { cwd, env, input = '' }: CliOptions) =>
  askHost({
    args,
    cwd: cwd ?? process.cwd(),
    env: { PATH, HOME, NO_COLOR: '1', ...env },
    input,
  });

/** Without times. */
const told = (result: object | null) =>
  JSON.stringify(result, null, 1).replaceAll(/\d+\.\d s|\d{4}-\d\d-\S+?Z/g, 'N');

test.each(commands)('%s', async (_, args, options) => {
  const { code, stdout, stderr } = await spawnCli(args, options).result;
  expect(told(await hosted(args, options))).toBe(told({ code, stdout, stderr }));
});

test('several at a time each have an answer of their own', async () => {
  const asked = [['--version'], ['nonsense'], ['validate']];
  const answers = await Promise.all(asked.map((args) => hosted(args, { cwd: project })));
  expect(answers.map((answer) => answer?.code)).toEqual([0, 64, 0]);
});
