// Copies one load: rows stream from where they are to the target, and commit there with their rows of the copy
// checkpoints. Either all of it is there afterwards or nothing is.

import { createHash } from 'node:crypto';
import { type Stream, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import type { Load, TransferPart } from '../read/choose-transfers.ts';
import { copyInStatement } from '../read/copy-statements.ts';
import type { PartRows } from '../read/part-rows.ts';
import { type RowReader, readParts } from '../read/row-reader.ts';
import {
  type CheckpointKey,
  type CopiedPart,
  findLoad,
  recordChunks,
} from './chunk-checkpoints.ts';

export interface LoadWork {
  readonly key: CheckpointKey;
  /** Locks the tables of the load in its transaction. @throws where they may not be filled. */
  readonly lock: () => Promise<void>;
  /** Bytes of this part, as they pass. */
  readonly onBytes: (part: TransferPart, bytes: number) => void;
  /** Of all parts, before they are stored for good. @throws where they may not be. */
  readonly onArrived: (parts: readonly CopiedPart[]) => void | Promise<void>;
}

/** Copies the load, or finds that an earlier attempt whose end was not heard of has done so. */
export const copyLoad = async (
  reader: RowReader,
  target: Session,
  load: Load,
  { key, lock, onBytes, onArrived }: LoadWork,
  retried: boolean,
): Promise<readonly CopiedPart[]> => {
  if (retried) {
    const found = await findLoad(target, key, load);
    if (found !== null) return found;
  }
  return target.transaction({}, async () => {
    const ready = once(lock);
    const flows = await readParts(reader, load.parts, (part, out) =>
      flow({ reader, target, ready, part, onBytes }, out),
    );
    const rows = load.parts.map((part) => {
      const it = flows.find((candidate) => candidate.part === part) ?? { part, ...nothingSent };
      return assertSame(reader, target, it);
    });
    await onArrived(rows);
    await recordChunks(target, key, rows);
    return rows;
  });
};

const once = (body: () => Promise<void>): (() => Promise<void>) => {
  let done: Promise<void> | null = null;
  return () => {
    done ??= body();
    return done;
  };
};

interface Flow {
  readonly part: TransferPart;
  readonly bytes: number;
  /** Null: the rows only passed through. */
  readonly sha256: string | null;
  readonly sent: () => number;
  readonly stored: number;
  /** What the hash has to be; null: any. */
  readonly expected: string | null;
}

const nothingSent = {
  bytes: 0,
  sha256: createHash('sha256').digest('hex'),
  sent: () => 0,
  stored: 0,
  expected: null,
};

interface Way {
  readonly reader: RowReader;
  readonly target: Session;
  /** The tables of the load are locked, and may be filled. */
  readonly ready: () => Promise<void>;
  readonly part: TransferPart;
  readonly onBytes: LoadWork['onBytes'];
}

async function flow(
  { reader, target, ready, part, onBytes }: Way,
  opening: Promise<PartRows>,
): Promise<Flow> {
  const failures: SteepError[] = [];
  const doing = `copying ${formatName(part.transfer.table.name)}`;
  const hear = (stream: Stream, node: NodeName): void => {
    stream.on('error', (error: unknown) => failures.push(toFailure(error, { node, doing })));
  };
  const out = await opening;
  hear(out.stream, reader.node);
  try {
    await ready().catch((error: unknown) => {
      failures.push(toFailure(error, { node: target.node, doing }));
      throw error;
    });
    const statement = copyInStatement(part.transfer, out.columns);
    const into = out.relayed ? target.relayIn(statement) : target.copyIn(statement);
    hear(into.stream, target.node);
    const passed = meterOf(out, (count) => onBytes(part, count));
    await pipeline(out.stream, passed.meter, into.stream);
    const expected = out.sha256 ?? null;
    return { part, ...passed.sums(), sent: out.sent, stored: into.rows(), expected };
  } catch (error) {
    // A stalled stream cannot be asked to stop: the sessions end with it.
    await Promise.all([reader.abort(), target.close(), out.abandon()]);
    // The end that failed first is the cause; the other one only hears that its peer is gone.
    throw failures[0] ?? error;
  }
}

interface Passed {
  readonly meter: Transform;
  readonly sums: () => Pick<Flow, 'bytes' | 'sha256'>;
}

/** A hash of what is only relayed would prove nothing, and costs as much as the rest. */
function meterOf({ relayed }: PartRows, onBytes: (count: number) => void): Passed {
  const hash = relayed ? null : createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform: (data: Buffer, _encoding, done) => {
      hash?.update(data);
      bytes += data.length;
      onBytes(data.length);
      done(null, data);
    },
  });
  return {
    meter,
    sums: () => ({ bytes: relayed?.() ?? bytes, sha256: hash?.digest('hex') ?? null }),
  };
}

function assertSame(reader: RowReader, target: Session, it: Flow): CopiedPart {
  const { part, bytes, sha256, stored, expected } = it;
  if (expected !== null && expected !== sha256) {
    throw changedUnread(reader.node, part.transfer.table.name);
  }
  const sent = it.sent();
  if (sent !== stored) {
    throw new SteepError(
      'COPY_MISCOUNTED',
      `Table ${formatName(part.transfer.table.name)}: node ${reader.node} sent ${sent} rows, and node ${target.node} stored ${stored}.`,
      {
        suggestions: ['Check the triggers of the table on the subscriber that fire on replicas.'],
      },
    );
  }
  return { ...part, rows: stored, bytes, sha256 };
}

const changedUnread = (node: NodeName, table: QualifiedName): SteepError =>
  new SteepError(
    'SNAPSHOT_DAMAGED',
    `The rows of table ${formatName(table)} are not those that node ${node} sent when the snapshot was made.`,
    { suggestions: ['To list damaged files: steep snapshot verify'] },
  );
