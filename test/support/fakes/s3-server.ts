// A bucket for tests: a server that speaks S3, and a front before it that knows one key, counts what is open, can
// fail and can go away.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the front treats a request: passes it on, answers by itself, or breaks the connection. */
export type Treatment =
  | { readonly kind: 'pass' }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly code: string;
      readonly message: string;
    }
  | { readonly kind: 'break' }
  /** Passes on, and breaks when so many bytes of the answer are through. */
  | { readonly kind: 'cut'; readonly bytes: number }
  /** Passes on, and flips a bit of the answer's first byte. */
  | { readonly kind: 'damage' };

export interface S3Server {
  readonly environment: Readonly<Record<string, string>>;
  readonly bucket: string;
  /** Uploads in parts that are neither complete nor aborted. */
  readonly openUploads: () => readonly string[];
  /** What the front is asked from now on: `PUT /bucket/key?query`. */
  readonly treat: (how: (line: string) => Treatment) => void;
  readonly requests: () => readonly string[];
  readonly stop: () => Promise<void>;
}

export const accessKey = 'AKIATESTTESTTESTTEST';
const secretKey = 'secret-that-must-not-show';

export const startS3 = async (bucket: string): Promise<S3Server> => {
  const file = new URL('./s3-server-process.ts', import.meta.url);
  const child = fork(file, [bucket], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [said] = (await once(child, 'message')) as [number];
  const port = said;
  const uploads = new Map<string, string>();
  const requests: string[] = [];
  let treat: (line: string) => Treatment = () => ({ kind: 'pass' });
  const front = createServer((incoming, answer) => {
    const line = `${incoming.method} ${incoming.url}`;
    requests.push(line);
    const how = isKnown(incoming) ? treat(line) : unknownKey;
    handle(incoming, answer, port, how, uploads);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const { port: frontPort } = front.address() as AddressInfo;
  return {
    environment: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${frontPort}`,
      AWS_ACCESS_KEY_ID: accessKey,
      AWS_SECRET_ACCESS_KEY: secretKey,
      AWS_REGION: 'eu-central-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    bucket,
    openUploads: () => [...uploads.values()],
    treat: (how) => {
      treat = how;
    },
    requests: () => requests,
    stop: async () => {
      front.closeAllConnections();
      front.close();
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    },
  };
};

const unknownKey: Treatment = {
  kind: 'answer',
  status: 403,
  code: 'InvalidAccessKeyId',
  message: 'The AWS Access Key Id you provided does not exist in our records.',
};

const isKnown = (incoming: IncomingMessage): boolean =>
  (incoming.headers.authorization ?? '').includes(`Credential=${accessKey}/`);

const handle = (
  incoming: IncomingMessage,
  answer: ServerResponse,
  port: number,
  how: Treatment,
  uploads: Map<string, string>,
): void => {
  const url = new URL(incoming.url ?? '', 'http://front');
  if (how.kind === 'break') incoming.socket.destroy();
  else if (how.kind === 'answer') refuse(incoming, answer, how);
  // The server behind does not know this one.
  else if (incoming.method === 'GET' && url.searchParams.has('uploads'))
    listUploads(answer, uploads);
  else pass(incoming, answer, port, how, uploads, url);
};

const refuse = (
  incoming: IncomingMessage,
  answer: ServerResponse,
  { status, code, message }: Treatment & { kind: 'answer' },
): void => {
  incoming.resume();
  answer.writeHead(status, { 'content-type': 'application/xml' });
  answer.end(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
};

const listUploads = (answer: ServerResponse, uploads: Map<string, string>): void => {
  const items = [...uploads].map(
    ([id, key]) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`,
  );
  answer.writeHead(200, { 'content-type': 'application/xml' });
  answer.end(
    `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${items.join('')}</ListMultipartUploadsResult>`,
  );
};

const pass = (
  incoming: IncomingMessage,
  answer: ServerResponse,
  port: number,
  how: Treatment,
  uploads: Map<string, string>,
  url: URL,
): void => {
  const { method, headers } = incoming;
  const onward = request({ host: '127.0.0.1', port, method, headers, path: incoming.url });
  incoming.pipe(onward);
  onward.on('error', () => answer.destroy());
  incoming.on('close', () => incoming.complete || onward.destroy());
  onward.on('response', (response) => {
    const chunks: Buffer[] = [];
    let passed = 0;
    answer.writeHead(response.statusCode ?? 500, response.headers);
    response.on('data', (chunk: Buffer) => {
      if (how.kind === 'damage' && passed === 0) chunk.writeUInt8(chunk.readUInt8(0) ^ 1, 0);
      passed += chunk.length;
      if (url.searchParams.has('uploads')) chunks.push(chunk);
      if (how.kind === 'cut' && passed > how.bytes) answer.destroy();
      else if (!answer.write(chunk)) response.pause();
    });
    answer.on('drain', () => response.resume());
    response.on('end', () => {
      note(uploads, incoming, url, Buffer.concat(chunks).toString());
      answer.end();
    });
  });
};

/** Keeps the book of uploads: begun, completed, aborted. */
const note = (
  uploads: Map<string, string>,
  { method }: IncomingMessage,
  url: URL,
  body: string,
): void => {
  const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'));
  const begun = /<UploadId>(.*?)<\/UploadId>/.exec(body)?.[1];
  if (method === 'POST' && url.searchParams.has('uploads') && begun !== undefined) {
    uploads.set(begun, key);
  }
  if (method !== 'PUT' && method !== 'GET') uploads.delete(url.searchParams.get('uploadId') ?? '');
};
