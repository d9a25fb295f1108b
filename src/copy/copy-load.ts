// Copies one load: rows stream from the source to the target, and commit there with their rows of the ledger.
// Either all of it is there afterwards or nothing is.

import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SteepError } from '../model/errors.ts';
import { formatName } from '../model/identifier.ts';
import { toFailure } from '../postgres/failures.ts';
import type { Session } from '../postgres/session.ts';
import { ddl, join, literal } from '../postgres/sql.ts';
import type { Load, Part } from './choose-transfers.ts';
import { snapshotLost } from './copy-failures.ts';
import { copyInStatement, copyOutStatement } from './copy-statements.ts';
import { assertNotRewritten } from './detect-rewrite.ts';
import { type CopiedPart, findChunk, type LedgerKey, recordChunks } from './ledger.ts';

export interface LoadWork {
  readonly key: LedgerKey;
  /** For SET TRANSACTION SNAPSHOT. */
  readonly snapshot: string;
  /** Bytes of this part, as they pass. */
  readonly onBytes: (part: Part, bytes: number) => void;
}

/** Copies the load, or finds that an earlier attempt whose end was not heard of has done so. */
export const copyLoad = async (
  source: Session,
  target: Session,
  load: Load,
  { key, snapshot, onBytes }: LoadWork,
  retried: boolean,
): Promise<readonly CopiedPart[]> => {
  if (retried) {
    const found = await findLoad(target, key, load);
    if (found !== null) return found;
  }
  return target.transaction({}, async () => {
    const flows = await flowAll(source, target, load, { snapshot, onBytes });
    const rows = load.parts.map((part) => {
      const it = flows.find((candidate) => candidate.part === part) ?? { part, ...nothingSent };
      return assertSame(source, target, it);
    });
    await recordChunks(target, key, rows);
    return rows;
  });
};

/**
 * The parts one after the other; those that hold nothing are left out. The source begins with the next one while
 * the target still stores: of small tables, that is half of the time.
 */
async function flowAll(
  source: Session,
  target: Session,
  load: Load,
  { snapshot, onBytes }: Pick<LoadWork, 'snapshot' | 'onBytes'>,
): Promise<readonly Flow[]> {
  const parts = load.parts.filter((part) => !isEmpty(part));
  const flows: Flow[] = [];
  let begun = parts.length > 0 ? beginAt(source, snapshot, true) : null;
  for (const [index, part] of parts.entries()) {
    await begun;
    const flowing = flow(source, target, part, onBytes);
    // Sent when the source has sent the last row.
    begun = index + 1 < parts.length ? beginAt(source, snapshot, false) : null;
    begun?.catch(() => undefined);
    flows.push(await flowing);
  }
  // Its answer also tells how many rows the last COPY sent.
  if (parts.length > 0) await assertNotRewritten(source, parts);
  return flows;
}

/** A load commits as a whole: the first chunk speaks for all. */
async function findLoad(
  target: Session,
  { subscription }: LedgerKey,
  load: Load,
): Promise<readonly CopiedPart[] | null> {
  const found: CopiedPart[] = [];
  for (const part of load.parts) {
    const row = await findChunk(target, subscription, part);
    if (row === null) return null;
    found.push({ ...part, ...row });
  }
  return found;
}

/** Nothing is stored in such a file, so no row of the snapshot can be in it. */
const isEmpty = ({ chunk }: Part): boolean => chunk.heap.ranges && chunk.heap.blocks === 0;

/** Each part in a transaction of its own: nobody who wants several tables can lock up with the copy. */
async function beginAt(source: Session, snapshot: string, first: boolean): Promise<void> {
  const statements = [
    ...(first ? [] : [ddl`COMMIT`]),
    ddl`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`,
    ddl`SET TRANSACTION SNAPSHOT ${literal(snapshot)}`,
  ];
  try {
    await source.query(join(statements, '; '));
  } catch (error) {
    const doing = 'taking the snapshot';
    throw snapshotLost(source.node, error) ?? toFailure(error, { node: source.node, doing });
  }
}

interface Flow {
  readonly part: Part;
  readonly bytes: number;
  readonly sha256: string;
  readonly sent: () => number;
  readonly stored: number;
}

const nothingSent = {
  bytes: 0,
  sha256: createHash('sha256').digest('hex'),
  sent: () => 0,
  stored: 0,
};

async function flow(
  source: Session,
  target: Session,
  part: Part,
  onBytes: LoadWork['onBytes'],
): Promise<Flow> {
  const out = source.copyOut(copyOutStatement(part.transfer, part.chunk));
  const into = target.copyIn(copyInStatement(part.transfer));
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform: (data: Buffer, _encoding, done) => {
      hash.update(data);
      bytes += data.length;
      onBytes(part, data.length);
      done(null, data);
    },
  });
  const failures: SteepError[] = [];
  const doing = `copying ${formatName(part.transfer.table.name)}`;
  for (const [stream, { node }] of [
    [out.stream, source],
    [into.stream, target],
  ] as const) {
    stream.on('error', (error) => failures.push(toFailure(error, { node, doing })));
  }
  try {
    await pipeline(out.stream, meter, into.stream);
  } catch (error) {
    // A stream that stands still cannot be told to stop: the sessions end with it.
    await Promise.all([source.close(), target.close()]);
    // The end that failed first is the cause; the other one only hears that its peer is gone.
    throw failures[0] ?? error;
  }
  return { part, bytes, sha256: hash.digest('hex'), sent: out.rows, stored: into.rows() };
}

function assertSame(source: Session, target: Session, it: Flow): CopiedPart {
  const { part, bytes, sha256, stored } = it;
  const sent = it.sent();
  if (sent !== stored) {
    throw new SteepError(
      'COPY_MISCOUNTED',
      `Table ${formatName(part.transfer.table.name)}: node ${source.node} sent ${sent} rows, and node ${target.node} stored ${stored}.`,
      {
        suggestions: ['Look at the triggers of the table on the subscriber that fire on replicas.'],
      },
    );
  }
  return { ...part, rows: stored, bytes, sha256 };
}
