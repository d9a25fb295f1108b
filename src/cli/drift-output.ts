// The reports of drift, in the formats that were asked for.

import { toSnakeKeys } from '../model/key-case.ts';
import { withoutSecrets } from '../model/known-secrets.ts';
import { printableJson } from '../model/printable.ts';
import type { DriftReport } from '../model/report/drift.ts';
import { withoutSecretsAndCommands } from './output.ts';
import { renderDriftJunit } from './reports/drift-junit.ts';
import { renderDriftMarkdown } from './reports/drift-markdown.ts';

export const driftReportKinds = ['markdown', 'json', 'junit'] as const;

const renderers: {
  readonly [K in (typeof driftReportKinds)[number]]: (report: DriftReport) => string;
} = {
  markdown: (report) => withoutSecretsAndCommands(renderDriftMarkdown(report)),
  json: (report) =>
    `${withoutSecrets(printableJson(JSON.stringify(toSnakeKeys(report), null, 2)))}\n`,
  junit: (report) => withoutSecretsAndCommands(renderDriftJunit(report)),
};

/** The text of one report. */
export const driftReportText = (
  kind: (typeof driftReportKinds)[number],
  report: DriftReport,
): string => renderers[kind](report);
