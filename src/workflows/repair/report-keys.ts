// The keys of a report that steep verify has written as CSV. Pure.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { RowFinding } from '../../model/report/verification.ts';

/** A key whose rows differ, as it was found. */
export interface FoundKey {
  readonly table: string;
  readonly finding: RowFinding;
  readonly rows: number;
  /** By column; null: the table has no key. */
  readonly key: Readonly<Record<string, string | null>> | null;
  /** Null: it is not known. */
  readonly hash: string | null;
}

const header = 'address,table,finding,rows,key';

/** Of one subscription. @throws SteepError USAGE (exit 64) for a file that is no such report. */
export const readReportKeys = (
  text: string,
  path: string,
  address: string,
): readonly FoundKey[] => {
  const [first, ...records] = readCsv(text, path);
  if (first?.slice(0, 5).join(',') !== header) throw notReport(path);
  return records.flatMap((record) => {
    const [of, table, finding, rows, key] = record;
    if (of !== address) return [];
    if (table === undefined || !isFinding(finding) || key === undefined) throw notReport(path);
    if (rows === undefined || !/^[1-9]\d{0,14}$/.test(rows)) throw notReport(path);
    return [{ table, finding, rows: Number(rows), ...readKey(key, path) }];
  });
};

const notReport = (path: string): SteepError =>
  new SteepError('USAGE', `${path} is not a CSV report of steep verify.`, {
    exit: ExitCode.usage,
    suggestions: ['Make one: steep verify --report csv=differences.csv'],
  });

const findings: readonly string[] = ['different', 'missing', 'extra', 'unsettled'];

const isFinding = (text: string | undefined): text is RowFinding =>
  text !== undefined && findings.includes(text);

const readKey = (text: string, path: string): Pick<FoundKey, 'key' | 'hash'> => {
  try {
    const key: unknown = JSON.parse(text);
    if (!isKey(key)) throw notReport(path);
    const { row_hash: hash, ...others } = key;
    const isHash = typeof hash === 'string' && Object.keys(others).length === 0;
    return isHash ? { key: null, hash } : { key, hash: null };
  } catch {
    throw notReport(path);
  }
};

const isKey = (value: unknown): value is Readonly<Record<string, string | null>> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((it) => it === null || typeof it === 'string');

/** RFC 4180. By hand: an expression for quoted text needs a stack as deep as a value is long. */
const readCsv = (text: string, path: string): readonly (readonly string[])[] => {
  const records: string[][] = [];
  let fields: string[] = [];
  for (let at = 0; at < text.length || fields.length > 0; ) {
    const { field, end } = readField(text, at);
    const after = /^(?:,|\r?\n|$)/.exec(text.slice(end, end + 2));
    if (after === null) throw notReport(path);
    fields.push(field);
    at = end + after[0].length;
    if (after[0] === ',') continue;
    records.push(fields);
    fields = [];
  }
  return records;
};

const readField = (text: string, from: number): { field: string; end: number } => {
  if (text[from] !== '"') {
    const rest = /[",\r\n]/g;
    rest.lastIndex = from;
    const end = rest.exec(text)?.index ?? text.length;
    return { field: text.slice(from, end), end };
  }
  let end = text.indexOf('"', from + 1);
  while (end !== -1 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
  if (end === -1) return { field: '', end: from };
  return { field: text.slice(from + 1, end).replaceAll('""', '"'), end: end + 1 };
};
