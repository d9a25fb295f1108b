// Rows that are missing on the subscriber and that nothing will bring, as what was noted of the edge at the last apply shows.

import { type Address, addressOf } from '../state/address.ts';
import { steepCommand } from '../steep-command.ts';
import type { EdgeFacts } from './edge-facts.ts';
import type { SaidGap } from './edge-gap-text.ts';
import { type FaultCode, faultCodes } from './edge-record.ts';
import { defineChecks, type HealthCheckOf } from './health-check.ts';

type GapCode = Exclude<SaidGap['code'], 'STALE_ROWS_LEFT' | FaultCode>;

const ofCode = ({ gaps = [] }: EdgeFacts, code: SaidGap['code']): readonly SaidGap[] =>
  gaps.filter((gap) => gap.code === code);

/** A gap is where rows may be missing: only a comparison tells whether some are. */
const toCompare = (address: Address): string =>
  `To see whether rows differ: ${steepCommand`steep verify ${address}`}`;

const gapCheck = <const Code extends GapCode | FaultCode>(code: Code): HealthCheckOf<Code> => ({
  code,
  health: 'broken',
  applies: (edge) => ofCode(edge, code).length > 0,
  reason: (edge) => ofCode(edge, code)[0]?.message ?? '',
  cure: (edge) => [
    ...ofCode(edge, code).map(({ command }) => command),
    toCompare(addressOf(edge.node, 'subscription', edge.subscription)),
  ],
});

export const gapChecks = defineChecks(
  gapCheck('SLOT_REPLACED'),
  gapCheck('POSITION_MOVED'),
  gapCheck('TABLE_REPLACED'),
  gapCheck('PARTITION_ATTACHED'),
  gapCheck('PUBLICATION_REPLACED'),
  gapCheck('COLUMN_NO_BACKFILL'),
);

/** What is wrong with the tables of the subscriber: the cause, where apply fails. */
export const faultChecks = defineChecks(
  ...faultCodes.map((code) => ({
    ...gapCheck(code),
    cure: (edge: EdgeFacts) =>
      ofCode(edge, code).flatMap(({ command, address }) => [
        command,
        `If it is meant to be so: ${steepCommand`steep apply --allow-hazard ${`${code}=${address}`}`}`,
        toCompare(address),
      ]),
  })),
);

/** Whether a fault with this code is one for each table, and not of the edge as a whole. */
export const isGap = (code: string): boolean =>
  [...gapChecks, ...faultChecks].some((gap) => gap.code === code);

/** Rows that the subscriber should have are missing, and nothing but a new copy brings them. */
export const lacksRows = ({ gaps = [] }: Pick<EdgeFacts, 'gaps'>): boolean =>
  gaps.some(({ missing }) => missing);
