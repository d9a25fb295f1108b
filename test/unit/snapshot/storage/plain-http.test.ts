// An S3 endpoint without TLS is warned of, unless it is this machine.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import { warningChannel } from '../../../../src/model/plan/warnings.ts';
import { warnOfPlainHttp } from '../../../../src/snapshot/storage/plain-http.ts';

test.each([
  ['http://minio.example.com:9000', true],
  ['http://10.0.0.4', true],
  ['http://localhost.example.com', true],
  ['https://s3.example.com', false],
  ['http://localhost:9000', false],
  ['http://127.0.0.1:9000', false],
  ['http://[::1]:9000', false],
])('%s', (endpoint, warns) => {
  const told: unknown[] = [];
  const hear = (message: unknown): void => {
    told.push(message);
  };
  subscribe(warningChannel, hear);
  warnOfPlainHttp(new URL(endpoint));
  unsubscribe(warningChannel, hear);
  expect(told).toEqual(warns ? [expect.stringContaining(endpoint)] : []);
});
