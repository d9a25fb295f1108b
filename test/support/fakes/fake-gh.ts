// Replaces GitHub's command line: the few calls that the example workflows make, on a state in a file. What it does not
// know it refuses, so that a workflow cannot call what was not reviewed.

import { appendFileSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GitHubState, Note } from './fake-github.ts';

const folder = process.env.FAKE_GITHUB ?? '';
const stateFile = join(folder, 'state.json');
const state = JSON.parse(readFileSync(stateFile, 'utf8')) as GitHubState;
const repository = `repos/${process.env.GITHUB_REPOSITORY}`;
const words = process.argv.slice(2);
const bot = { login: 'github-actions[bot]' };

const option = (name: string): string | undefined => {
  const at = words.indexOf(name);
  return at === -1 ? undefined : words[at + 1];
};

/** `-f key=value`, and `-F key=@file`. */
const fields = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    words.flatMap((word, index) => {
      const before = words[index - 1];
      if (before !== '-f' && before !== '-F') return [];
      const [key = '', value = ''] = word.split(/=(.*)/s);
      return [[key, value.startsWith('@') ? readFileSync(value.slice(1), 'utf8') : value]];
    }),
  );

const save = (next: GitHubState): void => writeFileSync(stateFile, JSON.stringify(next));

const changed = (notes: readonly Note[], number: string | undefined): readonly Note[] =>
  notes.map((note) => (String(note.id) === number ? { ...note, ...fields() } : note));

const added = (notes: readonly Note[]): readonly Note[] => {
  const id = notes.length + 1;
  return [...notes, { id, number: id, state: 'open', user: bot, body: '', ...fields() }];
};

/** Answers by call; `number`: of the comment or issue that it is about. */
const answers: Readonly<Record<string, (number: string | undefined) => unknown>> = {
  'GET issues/N/comments': () => [state.comments.slice(0, 1), state.comments.slice(1)],
  'POST issues/N/comments': () => save({ ...state, comments: added(state.comments) }),
  'PATCH issues/comments/N': (number) =>
    save({ ...state, comments: changed(state.comments, number) }),
  'GET issues': () => [state.issues.filter((issue) => issue.state === 'open')],
  'POST issues': () => save({ ...state, issues: added(state.issues) }),
  'PATCH issues/N': (number) => save({ ...state, issues: changed(state.issues, number) }),
  'GET commits/C/pulls': () => state.pulls,
  'GET commits/C': () => ({ sha: state.tip }),
};

const callApi = (method: string, path: string): void => {
  const [place = ''] = path.replace(`${repository}/`, '').split('?');
  const call = `${method} ${place.replace(/\/\d+/, '/N').replace(/commits\/[^/]+/, 'commits/C')}`;
  const answer = answers[call];
  if (answer === undefined) {
    fail('not expected');
    return;
  }
  const found = answer(/\d+$/.exec(place)?.[0]);
  if (!words.includes('--silent')) process.stdout.write(JSON.stringify(found));
};

const fail = (why: string): void => {
  process.stderr.write(`gh ${words.join(' ')}: ${why}\n`);
  process.exitCode = 1;
};

appendFileSync(join(folder, 'calls.log'), `${words.join(' ')}\n`);
if (!process.env.GH_TOKEN) fail('no GH_TOKEN');
else if (words[0] === 'api') {
  const path = words.find((word) => word.startsWith(repository)) ?? '';
  callApi(option('--method') ?? 'GET', path);
} else if (words[0] === 'run' && words[1] === 'download') {
  const from = join(folder, 'artifacts', words[2] ?? '', option('--name') ?? '');
  if (existsSync(from)) cpSync(from, option('--dir') ?? '', { recursive: true });
  else fail('no valid artifacts found to download');
} else fail('not expected');
