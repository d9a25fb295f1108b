// The plan as a comment on a pull request: short enough for every forge, and found again by its marker.
// What is cut is cut in the middle of a part; the recap and the last line are always whole.

import { plural } from '../../model/listing.ts';
import type { Plan } from '../../model/plan/plan.ts';
import { printable, printableLines } from '../../model/printable.ts';
import { renderBody, renderErrors, renderOtherHazards } from '../render/plan/render-plan.ts';
import { renderLeft, renderRecap } from '../render/plan/render-recap.ts';
import {
  isUnchanged,
  renderAdoption,
  renderEstimate,
  renderPlanId,
  renderSummary,
  renderUnchanged,
} from '../render/plan/render-summary.ts';
import { renderLeftOut, renderTargeting } from '../render/plan/render-targeting.ts';
import { renderUnchecked } from '../render/plan/render-unchecked.ts';
import { plainStyle } from '../render/style.ts';
import { renderSqlScript } from './sql.ts';

/** Forges refuse comments of more than 65,536 characters. */
export const markdownLimit = 60_000;

/** A bot finds its earlier comment by it. */
const marker = '<!-- steep:plan -->';

/** No single line may use up the space of all others. */
const longestLine = 1000;

/** At most `markdownLimit` characters, unless the recap alone is longer: it is never cut. */
export const renderMarkdown = (plan: Plan): string =>
  isUnchanged(plan) ? unchanged(plan) : changed(plan);

const unchanged = (plan: Plan): string => {
  const standing = renderOtherHazards(plan, plainStyle);
  const shown = standing.length === 0 ? [] : [...fenced(standing, markdownLimit / 2), ''];
  const targeted = [
    ...renderTargeting(plan, plainStyle),
    ...renderLeftOut(plan),
    ...uncheckedIn(plan),
  ];
  const part = targeted.length === 0 ? [] : [...fenced(targeted, markdownLimit / 4), ''];
  return [marker, '## steep plan', '', ...shown, ...part, renderUnchanged(plan), ''].join('\n');
};

const changed = (plan: Plan): string => {
  const head = [marker, '## steep plan', '', ...toldOf(plan), ''];
  const tail = [
    '',
    ...recapOf(plan),
    renderPlanId(plan, plainStyle),
    '',
    ...renderEstimate(plan),
    ...renderAdoption(plan),
    ...renderLeftOut(plan),
    renderSummary(plan),
    '',
  ];
  const room = markdownLimit - length(head) - length(tail);
  return [...head, ...partsWithin(plan, room), ...tail].join('\n');
};

const uncheckedIn = (plan: Plan): readonly string[] =>
  renderUnchecked(plan.observed.unchecked ?? [], plainStyle);

/** Why it cannot be applied, and what is no longer in steep.yaml: few lines that readers must see. */
const toldOf = (plan: Plan): readonly string[] => {
  const told = [
    ...renderTargeting(plan, plainStyle),
    ...renderErrors(plan, plainStyle),
    ...renderLeft(plan, plainStyle),
    ...uncheckedIn(plan),
  ];
  const steps = plural(plan.steps.length, 'step');
  const read = `${steps}. Sizes, rows, positions and lag as of ${printable(plan.observed.readAt)}.`;
  return told.length === 0 ? [read] : [read, '', ...fenced(told, markdownLimit / 4)];
};

/** Changes and SQL share the space; what one does not need, the other gets. */
const partsWithin = (plan: Plan, room: number): readonly string[] => {
  const changes = renderBody(plan, plainStyle);
  const sql = printableLines(renderSqlScript(plan)).split('\n');
  const frame = 200;
  const forSql = Math.max(room * 0.4, room - length(changes) - frame);
  const details = [
    '<details><summary>SQL</summary>',
    '',
    ...fenced(sql, forSql - frame, 'sql'),
    '',
    '</details>',
  ];
  return [...fenced(changes, room - length(details) - frame), '', ...details];
};

/** Every line of the recap; without the flags only if they alone would not fit. */
const recapOf = (plan: Plan): readonly string[] => {
  const recap = renderRecap(plan, plainStyle);
  if (recap.length === 0) return [];
  const short = recap.filter((line) => !line.startsWith('    allow with: '));
  const fits = length(recap) < markdownLimit / 2;
  return [
    ...fenced(fits ? recap : short, Number.POSITIVE_INFINITY),
    ...(fits ? [] : ['Allow each danger with `--allow-hazard CODE=ADDRESS`.']),
    '',
  ];
};

/** A fence that the text inside cannot close. */
export const fenced = (
  lines: readonly string[],
  room: number,
  language = '',
  whole = 'the whole plan is in the plan file',
): readonly string[] => {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []);
  const fence = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return [fence + language, ...cutMiddle(lines, room - 2 * fence.length - 10, whole), fence];
};

/** Keeps the first and the last lines that fit, and says how many are left out between them. */
export const cutMiddle = (
  lines: readonly string[],
  room: number,
  whole = 'the whole plan is in the plan file',
): readonly string[] => {
  if (length(lines) <= room) return lines;
  const shorter = lines.map((line) =>
    line.length <= longestLine ? line : `${line.slice(0, longestLine - 1)}…`,
  );
  const half = Math.max(0, (room - 80) / 2);
  const first = fitting(shorter, half);
  const last = fitting(shorter.slice(first).toReversed(), half);
  const left = lines.length - first - last;
  const note = `… ${plural(left, 'line')} left out; ${whole} …`;
  return [
    ...shorter.slice(0, first),
    ...(left > 0 ? [note] : []),
    ...shorter.slice(shorter.length - last),
  ];
};

/** How many lines from the start fit into the space. */
const fitting = (lines: readonly string[], room: number): number => {
  let used = 0;
  const over = lines.findIndex((line) => {
    used += line.length + 1;
    return used > room;
  });
  return over === -1 ? lines.length : over;
};

/** Characters, with the end of each line. */
export const length = (lines: readonly string[]): number =>
  lines.reduce((sum, line) => sum + line.length + 1, 0);
