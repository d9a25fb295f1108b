// What documents promise: their links lead somewhere, their commands exist, their generated pages are those
// of the code, and nothing in them belongs to one machine.

import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorsPage, hazardsPage } from '../../scripts/docs/catalogue-pages.ts';
import { stepsPage } from '../../scripts/docs/steps-page.ts';
import { stepTraits } from '../../src/model/step/step-traits.ts';

const below = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));

const documents: readonly string[] = [...readdirSync('.'), ...below('docs'), ...below('examples')]
  .filter((path) => path.endsWith('.md'))
  .toSorted();

const read = (path: string): string => readFileSync(path, 'utf8');

/** Without fenced code, where brackets are not links. */
const prose = (text: string): string => text.replaceAll(/^ *```.*?^ *```$/gms, '');

const linksOf = (text: string): readonly string[] =>
  [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const anchorsIn = (path: string): readonly string[] =>
  [...prose(read(path)).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));

const leadsNowhere = (from: string, link: string): boolean => {
  if (/^[a-z]+:/.test(link)) return false;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? from : join(dirname(from), path);
  if (!existsSync(target)) return true;
  if (anchor === undefined) return false;
  return statSync(target).isDirectory() || !anchorsIn(target).includes(anchor);
};

/** Files are commands, folders are topics; two topics have a short name too. */
const commands: readonly string[] = readdirSync('src/commands', {
  recursive: true,
  encoding: 'utf8',
})
  .map((path) => path.replace('.ts', '').replaceAll('/', ' '))
  .flatMap((words) => [
    words,
    words.replace(/\b(pub)lication\b|\b(sub)scription\b/, (_, pub, sub) => String(pub ?? sub)),
  ]);

/** `steep …` in shell examples, and between backquotes in the text. */
const commandsNamed = (text: string): readonly string[] => {
  const shell = [...text.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].map(([, block = '']) => block);
  const lines = shell.flatMap((block) => block.split('\n').map((line) => line.trim()));
  const spans = [...prose(text).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  return [...lines, ...spans].flatMap((code) => {
    const [, words] = /^steep ((?:[a-z]+ ?)+)/.exec(code) ?? [];
    return words === undefined ? [] : [words.trim()];
  });
};

/** Of the sources, between backquotes in the text; a path with a NAME in capitals stands for many. */
const pathsNamed = (text: string): readonly string[] =>
  [...prose(text).matchAll(/`((?:bench|schemas|scripts|sql|src|test)\/[a-z0-9_.*/-]+)`/g)].map(
    ([, path = '']) => path,
  );

const isCommand = (words: string): boolean =>
  commands.some((command) => words === command || words.startsWith(`${command} `));

describe.each(documents)('%s', (path) => {
  const text = read(path);

  test('its links lead somewhere', () => {
    expect(linksOf(text).filter((link) => leadsNowhere(path, link))).toEqual([]);
  });

  test('the sources that it names exist', () => {
    // Decisions say what was so when they were made.
    if (path.startsWith('docs/decisions/')) return;
    expect(pathsNamed(text).filter((named) => globSync(named).length === 0)).toEqual([]);
  });

  test('its commands exist', () => {
    expect(commandsNamed(text).filter((words) => !isCommand(words))).toEqual([]);
  });

  test('it belongs to no machine and to no tracker', () => {
    expect(text).not.toMatch(/\/work\/|\/root\/|\/home\/\w|\/tmp\/[^.\s]|\bhelper|\bissue #/i);
  });
});

test('planning.md says of every kind of step when it is planned', () => {
  const page = read('docs/planning.md');
  expect(Object.keys(stepTraits).filter((kind) => !page.includes(`\`${kind}\``))).toEqual([]);
});

test.each([
  ['docs/hazards.md', hazardsPage],
  ['docs/errors.md', errorsPage],
  ['docs/steps.md', stepsPage],
] as const)('%s is what the code says', (path, page) => {
  expect(read(path), 'To write it again: npm run build && npm run docs').toBe(page());
});
