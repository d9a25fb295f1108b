// All that keeps an edge from being well. The first that applies is the verdict: what makes others look well comes
// before them.

import { gapSymptoms } from './gap-symptoms.ts';
import { initialSymptoms } from './initial-symptoms.ts';
import { lagSymptoms } from './lag-symptoms.ts';
import { readerSymptoms } from './reader-symptoms.ts';
import { disabledSymptoms, slotSymptoms } from './slot-symptoms.ts';
import { tableSymptoms } from './table-symptoms.ts';

export const symptoms = [
  ...initialSymptoms,
  ...slotSymptoms,
  ...gapSymptoms,
  ...disabledSymptoms,
  ...readerSymptoms,
  ...tableSymptoms,
  ...lagSymptoms,
];

export type Symptom = (typeof symptoms)[number];
