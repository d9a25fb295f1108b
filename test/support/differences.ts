// Which rows of a table differ between two databases, as the comparison finds it; without waiting for anything.

import { compareTable, type TableResult } from '../../src/compare/difference/compare-table.ts';
import type { Suspicion, TableToCompare } from '../../src/compare/difference/compared-table.ts';
import type { Conninfo } from '../../src/model/connection/conninfo.ts';
import { openSession, type Session } from '../../src/postgres/session.ts';

interface Place {
  readonly conninfo: Conninfo;
}

export interface Differences extends TableResult {
  readonly suspicions: readonly Suspicion[];
}

interface Options {
  readonly jobs?: number;
  readonly fast?: boolean;
  readonly rangeBytes?: number;
}

const open = ({ conninfo }: Place): Promise<Session> =>
  openSession(conninfo, { node: conninfo.endpoint, applicationName: 'test', readOnly: true });

/** Rows of one table of `public`, unless told. */
export const differencesOf = async (
  first: Place,
  second: Place,
  table: Partial<TableToCompare> & { readonly name: string; readonly columns: readonly string[] },
  { jobs = 1, fast = false, rangeBytes }: Options = {},
): Promise<Differences> => {
  const [a, b] = await Promise.all([open(first), open(second)]);
  const suspicions: Suspicion[] = [];
  try {
    const more = async (session: Session) =>
      Promise.all(Array.from({ length: jobs - 1 }, () => session.another()));
    const result = await compareTable(
      {
        table: table.table ?? { schema: 'public', name: table.name },
        columns: table.columns,
        where: table.where ?? null,
      },
      {
        a: [a, ...(await more(a))],
        b: [b, ...(await more(b))],
        guard: async () => undefined,
        between: async () => undefined,
        onRead: async () => undefined,
        signal: new AbortController().signal,
        fast,
        ...(rangeBytes === undefined ? {} : { rangeBytes }),
        onSuspicions: async (some) => {
          suspicions.push(...some);
        },
      },
    );
    return { ...result, suspicions };
  } finally {
    await Promise.all([a.close(), b.close()]);
  }
};
