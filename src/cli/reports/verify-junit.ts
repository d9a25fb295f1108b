// A verification as tests: a suite for each edge, and a case for each table.

import type {
  VerificationReport,
  VerifiedEdge,
  VerifiedTable,
} from '../../model/report/verification.ts';
import { formatRow, tableSentence } from '../render/verify-text.ts';
import { type JunitCase, type JunitSuite, renderJunit } from './junit.ts';

export const renderVerifyJunit = (report: VerificationReport): string =>
  renderJunit('steep verify', report.edges.map(suite));

const suite = ({ address, tables, error }: VerifiedEdge): JunitSuite => ({
  name: address,
  cases:
    error === null
      ? tables.map(caseOf)
      : [{ name: address, result: { kind: 'error', message: `${error.code}: ${error.message}` } }],
});

const caseOf = (table: VerifiedTable): JunitCase => {
  const message = tableSentence(table);
  if (table.outcome === 'equal' || table.outcome === 'counted')
    return { name: table.table, output: message };
  const kind = table.outcome === 'different' ? 'failure' : 'error';
  const text = table.samples.map(formatRow).join('\n');
  return { name: table.table, result: { kind, message, text } };
};
