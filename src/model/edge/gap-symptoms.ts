// Rows that are missing on the subscriber and that nothing will bring, as what was noted of the edge at the last apply shows.

import type { EdgeFacts } from './edge-facts.ts';
import type { SaidGap } from './edge-gap-text.ts';
import { type SymptomOf, symptomList } from './symptom.ts';

type GapCode = Exclude<SaidGap['code'], 'STALE_ROWS_LEFT'>;

const ofCode = ({ gaps = [] }: EdgeFacts, code: GapCode): readonly SaidGap[] =>
  gaps.filter((gap) => gap.code === code);

const gapSymptom = <const Code extends GapCode>(code: Code): SymptomOf<Code> => ({
  code,
  health: 'broken',
  applies: (edge) => ofCode(edge, code).length > 0,
  reason: (edge) => ofCode(edge, code)[0]?.message ?? '',
  cure: (edge) => ofCode(edge, code).map(({ command }) => command),
});

export const gapSymptoms = symptomList(
  gapSymptom('SLOT_REPLACED'),
  gapSymptom('TABLE_REPLACED'),
  gapSymptom('PARTITION_ATTACHED'),
  gapSymptom('PUBLICATION_REPLACED'),
);

/** Whether a fault with this code is one for each table, and not of the edge as a whole. */
export const isGap = (code: string): boolean => gapSymptoms.some((gap) => gap.code === code);
