// JUnit's XML, as build servers read it: suites of cases that passed, failed, erred or were skipped.
// Knows nothing of what was tested.

import { printable, printableLines } from '../../model/printable.ts';
import { escapeMarkup } from '../escape-markup.ts';

export interface JunitCase {
  readonly name: string;
  /** Passed without one. */
  readonly result?: {
    readonly kind: 'failure' | 'error' | 'skipped';
    readonly message: string;
    /** What a failure shows below its message. */
    readonly text?: string;
  };
  /** What it has to say, whatever its result. */
  readonly output?: string;
}

export interface JunitSuite {
  readonly name: string;
  readonly cases: readonly JunitCase[];
}

/** One XML document, with a newline at the end. */
export const renderJunit = (name: string, suites: readonly JunitSuite[]): string => {
  // Only suites have `skipped` in the schema that Jenkins holds reports to.
  const { skipped: _, ...totals } = countsOf(suites.flatMap(({ cases }) => cases));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes({ name, ...totals })}>`,
    ...suites.flatMap(renderSuite),
    '</testsuites>',
    '',
  ].join('\n');
};

const renderSuite = ({ name, cases }: JunitSuite): readonly string[] => [
  `  <testsuite ${attributes({ name, ...countsOf(cases) })}>`,
  ...cases.flatMap((it) => renderCase(it, name)),
  '  </testsuite>',
];

const renderCase = ({ name, result, output }: JunitCase, classname: string): readonly string[] => {
  const open = `    <testcase ${attributes({ classname, name })}`;
  const inside = [
    ...(result === undefined ? [] : [renderResult(result)]),
    ...(output === undefined ? [] : [`<system-out>${escapeXml(output)}</system-out>`]),
  ];
  return inside.length === 0
    ? [`${open}/>`]
    : [`${open}>`, ...inside.map((element) => `      ${element}`), '    </testcase>'];
};

const renderResult = ({ kind, message, text }: NonNullable<JunitCase['result']>): string => {
  const body = `<${kind} ${attributes({ message })}`;
  return text === undefined ? `${body}/>` : `${body}>${escapeXml(text)}</${kind}>`;
};

const countsOf = (cases: readonly JunitCase[]): Readonly<Record<string, string>> => {
  const count = (kind: string): string =>
    String(cases.filter(({ result }) => result?.kind === kind).length);
  return {
    tests: String(cases.length),
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
  };
};

const attributes = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}="${escapeXml(printable(value))}"`)
    .join(' ');

/** XML 1.0 has no way to write most of what is not printable. */
const escapeXml = (text: string): string => escapeMarkup(printableLines(text));
