// The reports of a plan, in the formats that were asked for.

import { withoutSecrets } from '../model/known-secrets.ts';
import type { Plan } from '../model/plan/plan.ts';
import type { TopologyGraph } from '../model/report/graph.ts';
import { withoutSecretsAndCommands } from './output.ts';
import { renderPlanHtml } from './reports/html/plan-html.ts';
import { renderJsonReport } from './reports/json.ts';
import { renderMarkdown } from './reports/markdown.ts';
import { renderPlanJunit } from './reports/plan-junit.ts';
import { renderSqlReport } from './reports/sql.ts';

/** What reports are made of. */
export interface PlanToReport {
  readonly plan: Plan;
  /** The plan in its file form. */
  readonly document: string;
  /** The topology that it is about. */
  readonly graph: TopologyGraph;
  /** Whether a difference fails the command, and with it its cases in a report of tests. */
  readonly differenceFails: boolean;
}

export const planReportKinds = ['markdown', 'html', 'sql', 'json', 'junit'] as const;

export type PlanReportKind = (typeof planReportKinds)[number];

const renderers: { readonly [K in PlanReportKind]: (made: PlanToReport) => string } = {
  markdown: ({ plan }) => renderMarkdown(plan),
  html: ({ plan, graph }) => renderPlanHtml(plan, graph),
  sql: ({ plan }) => renderSqlReport(plan),
  json: ({ document }) => renderJsonReport(document),
  junit: ({ plan, differenceFails }) => renderPlanJunit(plan, { differenceFails }),
};

/** Read by programs: SQL is run, JSON has its own escapes, a page has its own colons in its style. */
const exact: ReadonlySet<PlanReportKind> = new Set(['sql', 'json', 'html']);

/** The text of one report. */
export const planReportText = (kind: PlanReportKind, made: PlanToReport): string =>
  exact.has(kind)
    ? withoutSecrets(renderers[kind](made))
    : withoutSecretsAndCommands(renderers[kind](made));

/** Whether applying the plan would do anything. */
export const hasDifference = (plan: Plan): boolean =>
  plan.steps.length > 0 || plan.summary.block > 0;
