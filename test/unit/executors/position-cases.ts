// What the steps on positions send: slots and origins that commands create, move and drop.

import type { StepKind } from '../../../src/model/step/step.ts';
import { type StepCase, step } from './step-case.ts';

const slotName = "it's";

export const positionCases = {
  'move-slot': [
    {
      step: step('move-slot', { slot: slotName, lsn: '0/3000148' }),
      statements: ["SELECT pg_catalog.pg_replication_slot_advance('it''s', '0/3000148'::pg_lsn)"],
      rest: { transactional: false, reversible: false, lockTimeoutMs: null },
    },
  ],
  'create-origin': [
    {
      step: step('create-origin', { origin: "it's" }),
      statements: ["SELECT pg_catalog.pg_replication_origin_create('it''s')"],
    },
  ],
  'drop-origin': [
    {
      step: step('drop-origin', { origin: "it's" }),
      statements: ["SELECT pg_catalog.pg_replication_origin_drop('it''s')"],
      rest: { reversible: false },
    },
  ],
  'move-origin': [
    {
      step: step('move-origin', { origin: "it's", lsn: '0/3000148' }),
      statements: ["SELECT pg_catalog.pg_replication_origin_advance('it''s', '0/3000148'::pg_lsn)"],
      rest: { reversible: false },
    },
  ],
} satisfies Partial<Record<StepKind, readonly StepCase[]>>;
