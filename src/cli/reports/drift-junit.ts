// Drift as tests: one case for each address and class, so that a build server keeps the history of each.

import type { ChangeDetail } from '../../model/plan/plan.ts';
import { printable } from '../../model/printable.ts';
import type { ComparedClass, DriftFinding, DriftReport } from '../../model/report/drift.ts';
import { renderDetail } from '../render/plan/render-change.ts';
import { type JunitCase, type JunitSuite, renderJunit } from './junit.ts';

/** A suite for each class, and one for the nodes that could not be read. */
export const renderDriftJunit = (report: DriftReport): string =>
  renderJunit('steep drift', [nodeSuite(report), ...report.classes.map((it) => suite(it, report))]);

const nodeSuite = ({ nodes }: DriftReport): JunitSuite => ({
  name: 'nodes',
  cases: nodes.map(({ name, error }) =>
    error === null
      ? { name }
      : { name, result: { kind: 'error', message: `${error.code}: ${error.message}` } },
  ),
});

const suite = (compared: ComparedClass, report: DriftReport): JunitSuite => ({
  name: compared.class,
  cases: compared.addresses.map((address) => caseOf(address, compared, report)),
});

const caseOf = (address: string, compared: ComparedClass, report: DriftReport): JunitCase => {
  const isHere = (finding: DriftFinding): boolean =>
    finding.address === address && finding.class === compared.class;
  const found = report.findings.filter(isHere);
  if (found.length > 0) {
    const message = found.map(({ code, summary }) => `${code}: ${summary}`).join(' ');
    return { name: address, result: { kind: 'failure', message, text: textOf(found) } };
  }
  const ignored = report.ignored.find(({ finding }) => isHere(finding));
  if (ignored === undefined) return { name: address };
  const message = `ignored: ${ignored.rule.reason} (${ignored.rule.source})`;
  return { name: address, result: { kind: 'skipped', message } };
};

const textOf = (found: readonly DriftFinding[]): string =>
  found
    .flatMap(({ code, summary, details, applied, cure }) => [
      printable(`${code}: ${summary}`),
      ...details.flatMap((detail: ChangeDetail) => renderDetail(detail)),
      ...(applied === null
        ? []
        : [printable(`applied ${applied.appliedAt} by run ${applied.runId}`)]),
      ...cure.map(printable),
    ])
    .join('\n');
