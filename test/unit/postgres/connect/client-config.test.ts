// What travels in the startup packet, and what cannot be honoured.

import { describe, expect, test } from 'vitest';
import { Conninfo } from '../../../../src/model/connection/conninfo.ts';
import { clientConfig } from '../../../../src/postgres/connect/client-config.ts';

const options = {
  applicationName: 'steep',
  readOnly: true,
  connectTimeoutMs: null,
  replication: null,
};
const configOf = (keywords: Readonly<Record<string, string>>) =>
  clientConfig(new Conninfo({ host: 'h', dbname: 'd', user: 'u', ...keywords }), options, false);

test('pinned settings come after the user’s options, and win', () => {
  const settings = configOf({ options: '-c geqo=off -c search_path=evil' }).options ?? '';
  expect(settings).toMatch(/^-c geqo=off -c search_path=evil -c search_path= /);
  expect(settings).toContain('-c default_transaction_read_only=on');
});

test.each([
  [{}, 10_000],
  [{ connect_timeout: '0' }, 0],
  [{ connect_timeout: '1' }, 2000],
  [{ connect_timeout: '30' }, 30_000],
])('connect_timeout %j is %i ms', (keywords, milliseconds) => {
  expect(configOf(keywords).connectionTimeoutMillis).toBe(milliseconds);
});

describe('refuses what it could not honour', () => {
  test.each([
    [{ service: 'x' }],
    [{ sslcrldir: 'x' }],
    [{ sslnegotiation: 'direct' }],
    [{ target_session_attrs: 'read-write' }],
    [{ gssencmode: 'require' }],
    [{ requirepeer: 'postgres' }],
    [{ host: 'a,b' }],
  ])('%j', (keywords) => {
    expect(() => configOf(keywords)).toThrow(
      expect.objectContaining({ code: 'CONNECTION_OPTION' }),
    );
  });
});

test('keepalive keywords are of no matter', () => {
  expect(() => configOf({ keepalives_idle: '10', application_name: 'x' })).not.toThrow();
});
