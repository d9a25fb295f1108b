// Texts as an attacker would choose them, and the values that renderers are given with such a text in every place.

import fc from 'fast-check';
import type { Diagnostic } from '../../../src/model/diagnostic.ts';
import type { RunReport } from '../../../src/model/plan/run-report.ts';
import type { StatusReport } from '../../../src/model/report/status.ts';

const nasty = [
  '\n',
  '\r\n',
  '\t',
  ' ',
  '::set-output name=a::b',
  '\n  ::add-mask::x',
  '##[add-mask]x',
  '##vso[task.setvariable]x',
  '##teamcity[x]',
  '\u001b[2J',
  '\u0000',
  '\u0007',
  '\u007f',
  '\u0085',
  '\u009b31m',
  '\u061c',
  '\u200e',
  '\u200f',
  '\u200b',
  '\u3164',
  '\u{e0041}',
  '\u202e',
  '\u2028',
  '\u2029',
  '\u2066',
  '\ud800',
  '\uffff',
  '"',
  "'",
  '`',
  '\\',
  '$',
  '-- ',
];

/** Every text holds a line that would begin with INJECTED. */
export const hostile = fc
  .array(fc.oneof(fc.constantFrom(...nasty), fc.string({ maxLength: 3 })), { maxLength: 6 })
  .map((parts) => `${parts.join('')}\nINJECTED\n::warning::x${parts.join('')}`);

/** Words of steep itself, which are no texts of others. */
const ownKeys: ReadonlySet<string> = new Set([
  'action',
  'kind',
  'severity',
  'code',
  'status',
  'health',
  'overall',
  'class',
  'outcome',
  'event',
  'timestamp',
  'level',
  'edit',
  'allowHazards',
  'planId',
  'formatVersion',
  'state',
  'phase',
]);

/** The value with the text behind each of its texts, and behind each address that is a key. */
export const poison = <T>(value: T, text: string, key = ''): T => {
  if (typeof value === 'string') return (ownKeys.has(key) ? value : value + text) as T;
  if (Array.isArray(value)) return value.map((item) => poison(item as unknown, text, key)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.includes('/') ? name + text : name,
      poison(inner as unknown, text, name),
    ]),
  ) as T;
};

export const status: StatusReport = {
  readAt: 'now',
  verifications: [],
  snapshots: [
    {
      snapshotId: 'x',
      node: 'a',
      silent: true,
      phase: 'reading rows',
      tablesTotal: 1,
      tablesDone: 0,
      bytesTotal: null,
      bytesDone: 0,
      updatedAt: 'now',
    },
  ],
  overall: 'broken',
  nodes: [
    { name: 'a', reachable: false, error: { code: 'UNREACHABLE', message: 'no', suggestions: [] } },
  ],
  edges: [
    {
      subscription: 's',
      source: 'a',
      node: 'b',
      slot: 'x',
      slotExists: false,
      verdict: { health: 'broken', reason: 'why', cure: ['do'] },
      init: null,
    },
  ],
} as unknown as StatusReport;

export const diagnostic: Diagnostic = {
  severity: 'error',
  code: 'X',
  summary: 'summary',
  detail: 'detail',
  suggestions: ['try'],
  address: 'a/table.b',
  source: { file: 'f', line: 1, column: 1, length: 1, snippet: 'snippet' },
};

export const runReport = {
  outcome: 'failed',
  steps: [
    {
      id: 'step',
      node: 'a',
      status: 'failed',
      durationMs: 1,
      error: { code: 'X', message: 'm', suggestions: ['s'] },
    },
    { id: 'other', node: 'a', status: 'in-doubt', durationMs: null, error: null },
  ],
  behind: ['behind'],
  left: ['left'],
  durationMs: 1,
} as unknown as RunReport;
