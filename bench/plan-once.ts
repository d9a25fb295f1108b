// One process that plans a file several times, and says on stdout how long each plan took, what was sent
// for the last, and the most memory that the process ever had. bench/plan.ts starts it.

import type { Plan } from '../src/model/plan/plan.ts';
import { inProcess } from '../test/support/in-process.ts';

export interface PlanTimes {
  readonly times: readonly number[];
  readonly statements: readonly { readonly node: string; readonly text: string }[];
  readonly peakBytes: number;
  readonly checked: Plan['observed']['checked'];
  readonly changes: number;
}

const [file = '', runs = '1'] = process.argv.slice(2);
const times: number[] = [];
let statements: PlanTimes['statements'] = [];
let plan: Plan | null = null;
for (let run = 0; run < Number(runs); run += 1) {
  const sent: { readonly node: string; readonly text: string }[] = [];
  const environment = process.env as Readonly<Record<string, string>>;
  const steep = inProcess(file, environment, (node, text) => sent.push({ node, text }));
  const started = performance.now();
  plan = await steep.plan();
  times.push(performance.now() - started);
  statements = sent;
}
if (plan !== null) {
  const result: PlanTimes = {
    times,
    statements,
    changes: plan.changes.length,
    checked: plan.observed.checked,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
  process.stdout.write(JSON.stringify(result));
}
