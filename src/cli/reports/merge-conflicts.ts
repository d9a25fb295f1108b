// The conflicts of a merge, and the rows that it has overwritten, one line each: NDJSON, or CSV as RFC 4180 has it. Values of rows are written as they are.

import type { MergeAuditEntry, MergeConflict } from '../../model/report/merge.ts';
import { usage } from '../flags/flags.ts';
import { csvCell } from './verify-csv.ts';

export interface LineFormat<T> {
  readonly header: string;
  readonly line: (entry: T) => string;
}

const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\n`;

const ndjson = { header: '', line: (entry: object) => `${JSON.stringify(entry)}\n` };

const conflictCsv: LineFormat<MergeConflict> = {
  header: 'table,key,columns,winner,rule,a,b\n',
  line: ({ table, key, columns, winner, rule, a, b }) =>
    csvLine([
      table,
      JSON.stringify(key),
      columns.join(' '),
      winner ?? '',
      rule,
      JSON.stringify(a),
      JSON.stringify(b),
    ]),
};

/** A line of the file with decisions, to be changed by hand. */
const decisionNdjson: LineFormat<MergeConflict> = {
  header: '',
  line: ({ table, key, keep, columns, a, b }) => ndjson.line({ table, key, keep, columns, a, b }),
};

const auditCsv: LineFormat<MergeAuditEntry> = {
  header: 'node,run_id,table,key,losing,winner,rule,at\n',
  line: ({ node, runId, table, key, losing, winner, rule, at }) =>
    csvLine([node, runId, table, JSON.stringify(key), JSON.stringify(losing), winner, rule, at]),
};

const auditNdjson: LineFormat<MergeAuditEntry> = {
  header: '',
  line: ({ runId, ...entry }) => ndjson.line({ run_id: runId, ...entry }),
};

/** By the ending of the file. @throws SteepError USAGE for another one. */
const formatOf = <T>(path: string, csv: LineFormat<T>, json: LineFormat<T>): LineFormat<T> => {
  if (path.endsWith('.csv')) return csv;
  if (path.endsWith('.ndjson') || path.endsWith('.json')) return json;
  throw usage(
    `The format of ${path} is not known.`,
    'Name a file that ends in .csv, .json or .ndjson.',
  );
};

export const conflictFormatOf = (path: string): LineFormat<MergeConflict> =>
  formatOf(path, conflictCsv, ndjson);

/** @throws SteepError USAGE for another ending than .ndjson. */
export const decisionFormatOf = (path: string): LineFormat<MergeConflict> => {
  if (path.endsWith('.ndjson')) return decisionNdjson;
  throw usage(`The format of ${path} is not known.`, 'Name a file that ends in .ndjson.');
};

export const auditFormatOf = (path: string): LineFormat<MergeAuditEntry> =>
  formatOf(path, auditCsv, auditNdjson);

/** Opens the file, where one is asked for. */
export const openLines = <T>(
  path: string | undefined,
  formatFor: (path: string) => LineFormat<T>,
  open: (path: string) => Pick<LinesFile<T>, 'finish' | 'discard'> & {
    readonly write: (text: string) => void;
  },
): LinesFile<T> => {
  if (path === undefined) {
    return { add: () => undefined, finish: async () => undefined, discard: async () => undefined };
  }
  const { header, line } = formatFor(path);
  const { write, finish, discard } = open(path);
  write(header);
  return { add: (entry) => write(line(entry)), finish, discard };
};

export interface LinesFile<T> {
  readonly add: (entry: T) => void;
  readonly finish: () => Promise<void>;
  readonly discard: () => Promise<void>;
}
