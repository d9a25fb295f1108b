// Show: a saved plan, offline.

import type { Plan } from '../../model/plan/plan.ts';
import { parsePlanFile } from '../../planner/plan/plan-file.ts';
import { readText } from '../files.ts';

export interface ShowResult {
  readonly plan: Plan;
  readonly document: string;
}

/** @throws SteepError PLAN_UNREADABLE, PLAN_TOO_NEW or PLAN_TAMPERED. */
export const show = (file: string): ShowResult => {
  const document = readText(file, 'The plan file', 'Make one with: steep plan --out FILE');
  return { plan: parsePlanFile(document, file), document };
};
