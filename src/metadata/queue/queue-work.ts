// Adds an operation to the queue, by the function of steep_repl that anyone may call from psql too.

import type { CopyMethod } from '../../model/copy/copy-method.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';

/** As the functions take it; null: their default. */
export type Queued =
  | {
      readonly operation: 'snapshot';
      readonly path: string;
      readonly compression: string;
      readonly parallel: number;
      readonly publications: readonly string[] | null;
      readonly tables: readonly string[] | null;
    }
  | {
      readonly operation: 'apply';
      /** Of a snapshot; null: steep.yaml. */
      readonly path: string | null;
      readonly parallel: number | null;
      readonly verify: boolean;
      readonly planId: string | null;
      readonly allowHazards: readonly string[];
    }
  | {
      readonly operation: 'init';
      readonly source: string | null;
      readonly method: CopyMethod | null;
      readonly parallel: number | null;
      readonly allowHazards: readonly string[];
    }
  | {
      readonly operation: 'verify';
      readonly subscription: string | null;
      readonly tables: readonly string[] | null;
      readonly fast: boolean;
    };

/** @returns the number of the operation. */
export const queueWork = async (
  session: Session,
  node: string,
  queued: Queued,
): Promise<number> => {
  const [row] = await session.query<{ readonly id: number }>(
    sql`SELECT ${callOf(node, queued)}::int8 AS id`,
  );
  if (row === undefined) throw new Error('the function returned no number');
  return row.id;
};

const list = (texts: readonly string[] | null) =>
  texts === null || texts.length === 0 ? null : [...texts];

const callOf = (node: string, queued: Queued): Sql => {
  switch (queued.operation) {
    case 'snapshot':
      return sql`steep_repl.start_snapshot(${queued.path}, ${queued.compression}, ${queued.parallel},
        ${list(queued.publications)}::text[], ${list(queued.tables)}::text[], ${node})`;
    case 'apply':
      return sql`steep_repl.start_apply(${queued.path}, ${queued.parallel}, ${queued.verify}, ${queued.planId},
        ${list(queued.allowHazards)}::text[], ${node})`;
    case 'init':
      return sql`steep_repl.start_init(${node}, ${queued.source}, ${queued.method}, ${queued.parallel},
        ${list(queued.allowHazards)}::text[])`;
    case 'verify':
      return sql`steep_repl.start_verify(${queued.subscription}, ${list(queued.tables)}::text[], ${queued.fast}, ${node})`;
  }
};
