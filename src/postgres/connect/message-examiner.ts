// Which messages of a server can be read at all, by their headers, ends and order (manual 53.2, 53.7): a header is the type,
// one byte, and the length without it.

const mb = 1024 * 1024;

/** What pg reads: the others are of replication, function calls and newer protocols, which nobody asks for. */
const known: ReadonlySet<number> = new Set(Buffer.from('123nstAGHWcdDENRSKTZCI', 'latin1'));

/** All rows of an answer, which pg keeps in memory; not those of a COPY. */
const mostOfAnswer = 512 * mb;
/** What pg keeps of each row, result and column beside their bytes, at least: a row of no columns has seven bytes. */
const keptOfEach = 64;
/** What libpq takes. */
const mostOfCopyData = 0x7f_ff_ff_ff;
/** Errors quote statements and notices definitions: none is as long. */
const mostOfOther = 16 * mb;

/** The first bytes of messages. */
const types = {
  error: 0x45,
  notice: 0x4e,
  ready: 0x5a,
  row: 0x44,
  complete: 0x43,
  copyOut: 0x48,
  copyData: 0x64,
  copyDone: 0x63,
};

/** What an answer is gathered from: rows, their columns, and the ends of results. */
const gathered: ReadonlySet<number> = new Set([types.row, 0x54, types.complete]);

/** What precedes ReadyForQuery: a result, an empty one, a suspended one, an error, or the login. */
const answers: ReadonlySet<number> = new Set([types.complete, 0x49, 0x73, types.error, 0x52]);

const headerBytes = 5;
const lengthBytes = 4;

/** Takes the chunks of a connection one after the other, however they cut the messages. */
export class MessageExaminer {
  readonly #header = Buffer.alloc(headerBytes);
  #filled = 0;
  /** Bytes of the message that are still to come. */
  #left = 0;
  /** The last two bytes of a message that needs an end; null: it needs none. */
  #end: Buffer | null = null;
  /** Bytes of what is gathered since the server was ready for a query. */
  #answer = 0;
  #gathers = false;
  /** Since the server was ready for a query. */
  #answered = false;
  /** COPY … TO STDOUT has begun, and not ended: a reader of rows waits for that. */
  #copies = false;

  /**
   * What is wrong, as the object of "sent"; null: nothing. After a fault, nothing more may be asked.
   * @param gathers whether the reader keeps rows of a COPY in memory until their message is whole: no COPY was asked for.
   */
  faultIn(chunk: Buffer, gathers = false): string | null {
    this.#gathers = gathers;
    let at = 0;
    let fault: string | null = null;
    while (fault === null && at < chunk.length) {
      if (this.#left > 0) at += this.#takeBody(chunk, at);
      else if (this.#filled === 0 && chunk.length - at >= headerBytes) {
        fault = this.#enter(chunk[at] ?? 0, chunk.readUInt32BE(at + 1));
        at += headerBytes;
      } else {
        at += this.#takeHeader(chunk, at);
        fault = this.#headerFault();
      }
      fault ??= this.#endFault();
    }
    return fault;
  }

  #takeHeader(chunk: Buffer, at: number): number {
    const taken = chunk.copy(this.#header, this.#filled, at);
    this.#filled += taken;
    return taken;
  }

  /** Of a header that came in pieces, once it is whole. */
  #headerFault(): string | null {
    if (this.#filled < headerBytes) return null;
    this.#filled = 0;
    return this.#enter(this.#header[0] ?? 0, this.#header.readUInt32BE(1));
  }

  #takeBody(chunk: Buffer, at: number): number {
    const taken = Math.min(this.#left, chunk.length - at);
    if (this.#end !== null) {
      const last = chunk.subarray(at, at + taken).subarray(-2);
      this.#end = Buffer.concat([this.#end, last]).subarray(-2);
    }
    this.#left -= taken;
    return taken;
  }

  /** Of a COPY there is a message for each row: a text for each would take longer than all the rest. */
  #enter(type: number, length: number): string | null {
    this.#left = length - lengthBytes;
    this.#end = type === types.error || type === types.notice ? Buffer.alloc(0) : null;
    if (type !== types.copyData) {
      const fault = this.#orderFault(type);
      if (fault !== null) return fault;
    }
    if (gathered.has(type)) this.#answer += length + keptOfEach;
    if (this.#answer > mostOfAnswer)
      return `rows of more than ${mostOfAnswer / mb} MB in one answer`;
    return length < lengthBytes || length > mostOf(type, this.#gathers)
      ? `a message of type ${nameOf(type)} with a length of ${length} bytes`
      : null;
  }

  /** Who waits for the end of a COPY, or for an answer, would do so for as long as the connection lives. */
  #orderFault(type: number): string | null {
    if (!known.has(type)) return `a message of type ${nameOf(type)}, which is not known`;
    if (type === types.copyOut) this.#copies = true;
    if (type === types.copyDone || type === types.error) this.#copies = false;
    if (type !== types.complete && type !== types.ready) {
      this.#answered ||= answers.has(type);
      return null;
    }
    if (this.#copies) return 'the result of a COPY before its end';
    const fault = type === types.ready && !this.#answered ? 'ReadyForQuery without a result' : null;
    this.#answered = type === types.complete;
    if (type === types.ready) this.#answer = 0;
    return fault;
  }

  /** pg would read the fields of an error without end. They end with two zeros, unless there are none. */
  #endFault(): string | null {
    const end = this.#end;
    if (end === null || this.#left > 0) return null;
    this.#end = null;
    return end.length > 0 && end.every((byte) => byte === 0)
      ? null
      : 'an error message without an end';
  }
}

const mostOf = (type: number, gathers: boolean): number => {
  if (type === types.copyData && !gathers) return mostOfCopyData;
  return type === types.row ? mostOfAnswer : mostOfOther;
};

const nameOf = (type: number): string =>
  type > 0x20 && type < 0x7f
    ? String.fromCharCode(type)
    : `0x${type.toString(16).padStart(2, '0')}`;
