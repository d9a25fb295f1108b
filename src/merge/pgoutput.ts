// Reads messages of the output plugin pgoutput, as far as they say which keys of which tables have changed. Pure.
// The format: manual, Logical Replication Message Formats; protocol version 1.

import type { QualifiedName } from '../model/identifier.ts';

export interface ChangedRow {
  readonly table: QualifiedName;
  /** Values as text by column, as far as the message has them. */
  readonly row: ReadonlyMap<string, string | null>;
}

export interface Truncated {
  readonly truncated: readonly QualifiedName[];
}

interface Relation {
  readonly table: QualifiedName;
  readonly columns: readonly string[];
}

/** Bytes of fields that a merge does not need. */
const replicaIdentity = 1;
const columnFlags = 1;
const typeAndModifier = 8;
const truncateOptions = 1;

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  byte(): string {
    this.#at += 1;
    return String.fromCharCode(this.#bytes[this.#at - 1] ?? 0);
  }

  ignore(bytes: number): void {
    this.#at += bytes;
  }

  int16(): number {
    this.#at += 2;
    return this.#bytes.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  uint64(): bigint {
    this.#at += 8;
    return this.#bytes.readBigUInt64BE(this.#at - 8);
  }

  name(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  text(length: number): string {
    this.#at += length;
    return this.#bytes.toString('utf8', this.#at - length, this.#at);
  }
}

/** Messages of one slot in their order: what a relation is called is said before its first change. */
export class ChangeReader {
  readonly #relations = new Map<number, Relation>();
  /** Of the transaction whose messages are read. */
  #commitLsn = 0n;

  /** The position of the commit that the message belongs to. */
  get commitLsn(): bigint {
    return this.#commitLsn;
  }

  read(message: Buffer): readonly ChangedRow[] | Truncated {
    const reader = new Reader(message);
    switch (reader.byte()) {
      case 'B':
        this.#commitLsn = reader.uint64();
        return [];
      case 'R':
        this.#relation(reader);
        return [];
      case 'I':
      case 'U':
      case 'D':
        return this.#rows(reader);
      case 'T':
        return this.#truncated(reader);
      default:
        return [];
    }
  }

  #relation(reader: Reader): void {
    const id = reader.int32();
    const schema = reader.name();
    const name = reader.name();
    reader.ignore(replicaIdentity);
    const columns = Array.from({ length: reader.int16() }, () => {
      reader.ignore(columnFlags);
      const column = reader.name();
      reader.ignore(typeAndModifier);
      return column;
    });
    this.#relations.set(id, { table: { schema: schema || 'pg_catalog', name }, columns });
  }

  /** The old and the new row, where the message has them: an update of a key changes two keys. */
  #rows(reader: Reader): readonly ChangedRow[] {
    const { table, columns } = this.#named(reader.int32());
    const rows: ChangedRow[] = [];
    for (let kind = reader.byte(); 'KON'.includes(kind); kind = reader.byte()) {
      rows.push({ table, row: rowOf(reader, columns) });
      if (kind === 'N') break;
    }
    return rows;
  }

  #truncated(reader: Reader): Truncated {
    const count = reader.int32();
    reader.ignore(truncateOptions);
    return {
      truncated: Array.from({ length: count }, () => this.#named(reader.int32()).table),
    };
  }

  #named(id: number): Relation {
    const found = this.#relations.get(id);
    if (found === undefined)
      throw new Error(`a message names relation ${id} before it is described`);
    return found;
  }
}

/** Columns whose value the message leaves out are left out. */
const rowOf = (reader: Reader, columns: readonly string[]): ReadonlyMap<string, string | null> => {
  const row = new Map<string, string | null>();
  const count = reader.int16();
  for (let at = 0; at < count; at += 1) {
    const kind = reader.byte();
    const column = columns[at] ?? '';
    if (kind === 'n') row.set(column, null);
    if (kind === 't') row.set(column, reader.text(reader.int32()));
  }
  return row;
};
