// Plain words: a list of phrases that no message, help text, schema or page contains, each with what to write instead;
// and a shorter one of words that no identifier, comment, file name or test contains either.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** The phrase, and what to write instead. */
const banned: readonly (readonly [RegExp, string])[] = [
  [/\bfirst cop(y|ies)\b/i, 'initial copy'],
  [/\b(an?|the|its|own|each) ledgers?\b/i, 'copy checkpoints'],
  [/(?<!copy_)\bpostponed?\b/i, 'deferred'],
  [/\bfor ?ever\b/i, 'indefinitely, repeatedly, without limit'],
  [/\banew\b/i, 'again, start over'],
  [/\bsomebody\b/i, 'another session, another role, you'],
  [/\b(go|goes|going|went) on\b/i, 'continue, resume'],
  [/\bby then\b/i, 'until then, already, now'],
  [/\bin vain\b/i, 'with an unusable result'],
  [/\bwithout a word\b/i, 'without an error'],
  [/\b(come|comes|came) along\b/i, 'is part of, is included'],
  [/\b(come|comes|came) to rest\b/i, 'has stopped'],
  [/\b(came|come|comes) about\b/i, 'was made'],
  [/\b(take|takes|took|taken|taking) back\b/i, 'roll back, remove'],
  [/\bout of reach\b/i, 'unreachable'],
  [/\b(is|are|were|was) no more\b/i, 'no longer exists'],
  [/\bwhere there (is|are|was) none\b/i, 'if there is none'],
  [/\b(put|puts|putting) (it |them |that |the \w+ )?right\b/i, 'correct'],
  [/\bmends?\b/i, 'correct, repair'],
  [/\bmade good\b|\bmakes? good\b/i, 'corrects'],
  [/\bwhose it is\b/i, 'which role owns it'],
  [/\bas whom\b/i, 'the role that'],
  [/\b(stand|stands|stood) (at|on|elsewhere|between|in between|still|there|twice)\b/i, 'is at'],
  [/\bstand-ins?\b|\bstood in for\b/i, 'temporary publication'],
  [/\bunless (told|given)\b/i, 'default:'],
  [/\bleft (the file|steep\.yaml)\b/i, 'is no longer in steep.yaml'],
  [/\bnobody can be asked\b/i, 'confirmation needs a terminal'],
  [/\botherwise now\b/i, 'differently'],
  [/\bbrought by hand\b/i, 'restored by hand'],
  [/\b(its|the|their) price\b|\bprice of\b/i, 'estimate'],
  [/\bthe moment (of the snapshot|is held)\b/i, 'the exported snapshot'],
  [/\bputting off\b|\bput off\b/i, 'defer'],
  [/\blets? (it |them |him )?through\b/i, 'accepts, passes the filter'],
];

/** Replaced by the terms of the glossary, also in names that only a reader of the sources sees. */
const replaced: readonly (readonly [RegExp, string])[] = [
  [/ledger/i, 'copy checkpoints'],
  [/\bprice[sd]?\b|Price(?![a-z])/, 'estimate'],
  [/stand-in|stand(s)?In(?![a-z])/, 'publication alias'],
  [/goesOn|\b(go|goes|going|went) on\b/i, 'continue'],
  [/(?<!copy_\(?[a-z|(]*)postpon/i, 'deferred'],
  [/symptom/i, 'health check'],
  [/\bsurvey/i, 'introspection'],
  [/handed-?over|hand-over/i, 'basebackup fallback, left to the user'],
  [/patience/i, 'policy, or the time in the name'],
  [/first-?cop(y|ies)/i, 'initial copy'],
  [/carry-?out(?![a-z])/i, 'execute'],
  [/\banew\b/i, 'again'],
  [/\bfor-?ever\b/i, 'indefinitely'],
  [/\bsomebody\b/i, 'another session, another role'],
  [/\bwithout a word\b/i, 'without an error'],
  [/\bas whom\b/i, 'the role that'],
];

/** Where a word is part of what is stored or of a user's data. */
const allowed: readonly RegExp[] = [
  // The column of steep_repl.subscriptions_init, and a key of rows of earlier versions.
  /\bi\.ledger\b|\bledger = (NULL|\$)|value\.standsInFor|'standsInFor'/,
  // Columns and tables of users, in the demo and in tests.
  /UPDATE shop\.products|SELECT price FROM|`different id=7/,
  /price (numeric|amount)|\(price |AS price|mood, price|'price\$usd/,
  /name: 'ledger'|(TABLE|INTO) ledger|, 'ledger'\]/,
];

/** Names of tables and of files. */
const exceptions: readonly RegExp[] = [/\bcopy_postponed\b/, /decisions\/[\w-]+\.md/];

const sources = (folder: string, ext: RegExp): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => ext.test(file) && !/generated|node_modules/.test(file))
    .map((file) => join(folder, file));

const files = [
  ...sources('src', /\.ts$/),
  ...sources('schemas', /\.json$/),
  ...sources('docs', /\.md$/),
  ...sources('examples', /\.(md|yaml|yml)$/),
  'README.md',
  'GLOSSARY.md',
  'package.json',
];

/** The lines that users read: without comments of TypeScript, and in the glossary without the words that it advises against. */
const readableLines = (file: string): readonly string[] => {
  const lines = readFileSync(file, 'utf8').split('\n');
  if (file === 'GLOSSARY.md') return lines.map((line) => line.replace(/\|[^|]*\|$/, ''));
  if (!file.endsWith('.ts')) return lines;
  return lines.map((line) => (/^\s*(\/\/|\/?\*)/.test(line) ? '' : withoutTrailingComment(line)));
};

const withoutTrailingComment = (line: string): string =>
  line.replace(/\s\/\/ .*$/, '').replace(/\s\/\*\*? .*$/, '');

const findings = (
  file: string,
  lines: readonly string[],
  words: typeof banned = banned,
): readonly string[] =>
  lines.flatMap((line, index) => {
    const text = exceptions.reduce((rest, exception) => rest.replace(exception, ''), line);
    return words.flatMap(([phrase, instead]) => {
      const found = phrase.exec(text)?.[0];
      return found === undefined ? [] : [`${file}:${index + 1}: "${found}": write ${instead}`];
    });
  });

test('messages and documents use plain words', () => {
  expect(files.flatMap((file) => findings(file, readableLines(file)))).toEqual([]);
});

test('identifiers, comments, tests and file names use them too', () => {
  const code = [
    ...sources('src', /\.ts$/),
    ...sources('scripts', /\.ts$/),
    ...sources('bench', /\.ts$/),
    ...sources('test', /\.(ts|yaml)$/),
    ...sources('.changeset', /\.md$/),
  ].filter((file) => !file.endsWith('words.test.ts'));
  expect(findings('file name', code, replaced)).toEqual([]);
  const linesOf = (file: string): readonly string[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => (allowed.some((it) => it.test(line)) ? '' : line));
  expect(code.flatMap((file) => findings(file, linesOf(file), replaced))).toEqual([]);
});

test.each([
  ["const text = 'The first copy goes on.';", ['first copy', 'goes on']],
  ['  `Slot s stands at 0/1: somebody has read it`,', ['somebody', 'stands at']],
  ['SELECT * FROM steep_repl.copy_postponed;', []],
])('%s', (line, phrases) => {
  const found = findings('x', [line]).map((it) => /"(.*)"/.exec(it)?.[1]);
  expect(found).toEqual(phrases);
});
