// All that keeps an edge from being well. The first that applies is the verdict: what makes others look well comes
// before them.

import { faultChecks, gapChecks } from './gap-checks.ts';
import { initialChecks } from './initial-checks.ts';
import { lagChecks } from './lag-checks.ts';
import { readerChecks } from './reader-checks.ts';
import { rowChecks } from './row-checks.ts';
import { disabledChecks, divergedChecks, skipChecks, slotChecks } from './slot-checks.ts';
import { tableChecks } from './table-checks.ts';

export const allHealthChecks = [
  ...initialChecks,
  ...slotChecks,
  ...gapChecks,
  ...divergedChecks,
  ...skipChecks,
  ...disabledChecks,
  ...faultChecks,
  ...readerChecks,
  ...tableChecks,
  ...rowChecks,
  ...lagChecks,
];

export type HealthCheck = (typeof allHealthChecks)[number];
