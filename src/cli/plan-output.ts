// What plan and apply print of a plan, in the formats that were asked for.

import type { Plan } from '../model/plan.ts';
import type { ReportWish } from './flags.ts';
import { renderJsonReport } from './reports/json.ts';
import { renderMarkdown } from './reports/markdown.ts';
import { renderSqlReport } from './reports/sql.ts';

/** The text of one report. `document`: the plan in its file form. */
export const reportText = (wish: ReportWish, plan: Plan, document: string): string => {
  if (wish.kind === 'markdown') return renderMarkdown(plan);
  return wish.kind === 'sql' ? renderSqlReport(plan) : renderJsonReport(document);
};

/** Whether applying the plan would do anything. */
export const hasDifference = (plan: Plan): boolean => plan.steps.length > 0;
