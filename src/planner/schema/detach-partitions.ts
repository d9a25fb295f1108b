// What a publisher has detached is detached on a subscriber with `schema_sync: auto` too. No row is lost by it: what was sent
// is sent to the partition by its own name, and its rows stay in it.

import type { EdgeGap } from '../../model/edge/edge-record.ts';
import { formatName } from '../../model/identifier.ts';
import type { SchemaStatement } from '../../model/schema/schema-change.ts';

type Left = Extract<EdgeGap, { readonly kind: 'left' }>;

const partOf = ({ partition }: Left): string => `partition ${partition}`;

/** Before tables are created, since a new partition may have the bounds of one that has left. */
export const detachPartitions = (gaps: readonly EdgeGap[]): readonly SchemaStatement[] =>
  gaps
    .filter((gap) => gap.kind === 'left')
    .map((gap) => {
      const table = formatName(gap.table);
      return {
        sql: `ALTER TABLE ${table} DETACH PARTITION ${gap.partition}`,
        object: { kind: 'table', name: table },
        part: partOf(gap),
        verb: 'alter',
        phase: 'before',
        lock: 'ACCESS EXCLUSIVE',
        inUse: true,
        losesData: false,
        rewrites: false,
      };
    });

/** Whether a plan with these statements detaches it. */
export const isDetachedBy = (
  gap: EdgeGap,
  statements: readonly Pick<SchemaStatement, 'object' | 'part'>[] = [],
): boolean =>
  gap.kind === 'left' &&
  statements.some(
    ({ object, part }) => object.name === formatName(gap.table) && part === partOf(gap),
  );
