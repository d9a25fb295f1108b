// Cuts a stream of the PostgreSQL protocol into messages (manual, Message Formats), and keeps the bodies of those that
// are asked for. Rows pass through without being copied.

/** Bytes of a type and a length, which counts itself but not the type. */
const headBytes = 5;

/** Feeds chunks; `onMessage` gets each message when its last byte is there; the body is empty unless it is wanted. */
export const readMessages = (
  wanted: string,
  onMessage: (type: string, body: Buffer) => void,
): ((chunk: Buffer) => void) => {
  let head = Buffer.alloc(0);
  let body: Buffer[] = [];
  let left = -1;
  const finish = (): void => {
    onMessage(String.fromCharCode(head[0] ?? 0), Buffer.concat(body));
    head = Buffer.alloc(0);
    body = [];
    left = -1;
  };
  return (chunk) => {
    let rest = chunk;
    while (rest.length > 0) {
      if (left < 0) {
        const missing = headBytes - head.length;
        head = Buffer.concat([head, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (head.length < headBytes) return;
        left = head.readInt32BE(1) - 4;
      }
      const part = rest.subarray(0, left);
      if (wanted.includes(String.fromCharCode(head[0] ?? 0))) body.push(part);
      left -= part.length;
      rest = rest.subarray(part.length);
      if (left === 0) finish();
    }
  };
};

/** A text up to its zero byte, and where the next begins. */
export const textAt = (body: Buffer, start: number): readonly [string, number] => {
  const end = body.indexOf(0, start);
  return [body.toString('utf8', start, end), end + 1];
};
