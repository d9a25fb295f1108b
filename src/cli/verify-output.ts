// The reports of verify, in the formats that were asked for.

import { toSnakeKeys } from '../model/key-case.ts';
import { withoutSecrets } from '../model/known-secrets.ts';
import { printableJson } from '../model/printable.ts';
import type { VerificationReport } from '../model/report/verification.ts';
import { withoutSecretsAndCommands } from './output.ts';
import { renderVerifyHtml } from './reports/html/verify-html.ts';
import { renderVerifyJunit } from './reports/verify-junit.ts';

export const verifyReportKinds = ['html', 'json', 'csv', 'junit'] as const;

const renderers = {
  html: (report: VerificationReport) => withoutSecrets(renderVerifyHtml(report)),
  json: (report: VerificationReport) =>
    `${withoutSecrets(printableJson(JSON.stringify(toSnakeKeys(report), null, 2)))}\n`,
  junit: (report: VerificationReport) => withoutSecretsAndCommands(renderVerifyJunit(report)),
};

/** The text of one report; that of csv is written while rows are found. */
export const verifyReportText = (
  kind: keyof typeof renderers,
  report: VerificationReport,
): string => renderers[kind](report);
