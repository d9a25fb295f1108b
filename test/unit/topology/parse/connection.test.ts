// Connections: URIs and keywords as libpq reads them, and the variables in them.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: steep's own form of variables.

import { describe, expect, test } from 'vitest';
import { toAllowList } from '../../../../src/model/plan/allow-list.ts';
import { loadTopology } from '../../../../src/topology/load.ts';
import { parseConnectionText } from '../../../../src/topology/parse/connection-text.ts';
import { expandVariables, soleVariable } from '../../../../src/topology/parse/environment.ts';
import { brief, unmark, wordsOf } from '../marked-file.ts';

describe('connection strings', () => {
  test.each([
    ['postgresql://', {}],
    ['postgres://h', { host: 'h' }],
    [
      'postgresql://u:p@h:5433/db',
      { user: 'u', password: 'p', host: 'h', port: '5433', dbname: 'db' },
    ],
    [
      'postgresql://u%40x:p%2Fa%3Ab%25@h/d%20b',
      { user: 'u@x', password: 'p/a:b%', host: 'h', dbname: 'd b' },
    ],
    ['postgresql://u:a:b@h', { user: 'u', password: 'a:b', host: 'h' }],
    ['postgresql://[::1]:5433/db', { host: '::1', port: '5433', dbname: 'db' }],
    ['postgresql://%2Fvar%2Frun/db', { host: '/var/run', dbname: 'db' }],
    ['postgresql:///db?host=/var/run&port=5433', { host: '/var/run', port: '5433', dbname: 'db' }],
    [
      'postgresql://h/db?sslmode=verify-full&sslrootcert=/no/such/file',
      { host: 'h', dbname: 'db', sslmode: 'verify-full', sslrootcert: '/no/such/file' },
    ],
    [
      'postgresql://h?application_name=a+b&options=-c%20x%3D1',
      { host: 'h', application_name: 'a+b', options: '-c x=1' },
    ],
    ['postgresql://h/db?ssl=true', { host: 'h', dbname: 'db', sslmode: 'require' }],
    ['postgresql://h/db?dbname=other', { host: 'h', dbname: 'other' }],
    ['host=h dbname=db', { host: 'h', dbname: 'db' }],
    [
      String.raw`host = h password='it\'s a \\ b' user=''`,
      { host: 'h', password: String.raw`it's a \ b` },
    ],
    [String.raw`user=a\ b`, { user: 'a b' }],
  ])('%s', (text, keywords) => {
    expect(parseConnectionText(text)).toEqual({ ok: true, keywords });
  });

  test.each([
    'host=known hostaddr=10.0.0.4 sslmode=verify-full sslrootcert=/root.crt',
    'hostaddr=10.0.0.4 passfile=/pgpass gssdelegation=0',
    'service=orders dbname=app user=steep',
    'host=h sslkey=/keys/client.key sslcert=/keys/client.crt sslcrldir=/crl options=-ctimezone=UTC load_balance_hosts=disable',
  ])('takes %s', (text) => {
    expect(parseConnectionText(text)).toMatchObject({ ok: true });
  });

  test.each([
    ['postgresql://a,b/db', '`host` names several'],
    ['postgresql://a:1,b:2/db', '`host` names several'],
    ['postgresql://h:541017/db', '`port` must be a number from 1 to 65535'],
    ['host=h port=0', '`port` must be a number'],
    ['host=h port=x', '`port` must be a number'],
    ['host=a,b', '`host` names several'],
    ['postgresql://h/db?sslmod=x', 'did you mean `sslmode`?'],
    ['host=h sslmode=requires', '`sslmode` must be one of disable, allow, prefer, require,'],
    ['postgresql://u:%zz@h', 'hexadecimal'],
    ['postgresql://u:p%@h', 'hexadecimal'],
    ['mysql://h/db', 'neither a URI'],
    ['just-a-name', 'neither a URI'],
    [`host='h`, 'neither a URI'],
    ['host=h nonsense=1', 'keyword that libpq does not know'],
    ['replication=database', 'keyword that libpq does not know'],
    ['host=h sslkeylogfile=/tmp/keys', 'sslkeylogfile'],
    ['postgresql://h/d?sslkeylogfile=/tmp/keys', 'sslkeylogfile'],
    ['host=h sslkey=/tmp/library.so:key', 'OpenSSL engine'],
    ['host=h gssdelegation=1', 'Kerberos credentials'],
    ['host=h oauth_issuer=https://elsewhere', 'oauth_'],
    ['service=orders host=elsewhere', 'password of the service'],
    ['service=orders port=5433', 'password of the service'],
    ['host=known hostaddr=10.6.6.6', 'password file'],
    ['host=known hostaddr=10.6.6.6 sslmode=verify-ca', 'password file'],
  ])('refuses %s', (text, message) => {
    expect(parseConnectionText(text)).toEqual({
      ok: false,
      message: expect.stringContaining(message),
    });
  });
});

describe('variables that the file may name', () => {
  const load = (policy: string, allowed?: readonly string[]) =>
    loadTopology({
      text: `version: 1\nnodes:\n  a: { connection: "\${A_URL}" }\n  b: { connection: { host: h, dbname: d, password_env: B_PASSWORD } }\n${policy}`,
      fileName: 'steep.yaml',
      environment: { A_URL: 'host=h dbname=d', B_PASSWORD: 'x' },
      ...(allowed === undefined ? {} : { allowedVariables: toAllowList(allowed) }),
    }).diagnostics.map(({ code, source }) => `${source?.line} ${code}`);

  test.each([
    ['', undefined, []],
    ['', ['A_URL', 'B_PASSWORD'], []],
    ['', ['A_URL'], ['4 VARIABLE_NOT_ALLOWED']],
    ['policy: { env: [B_PASSWORD] }\n', undefined, ['3 VARIABLE_NOT_ALLOWED']],
    ['policy: { env: [A_URL, B_PASSWORD] }\n', ['B_PASSWORD'], ['3 VARIABLE_NOT_ALLOWED']],
  ])('%j, allowed %j', (policy, allowed, faults) => {
    expect(load(policy, allowed)).toEqual(faults);
  });
});

test('a connection string as a password is refused, and not shown', () => {
  const urls = ['postgresql://u:canary@h/d', "host=h user=u password='canary'"];
  const forms = [
    `{ host: evil, password_env: A_URL }`,
    `{ host: evil, password: "\${A_URL}" }`,
    `"host=evil password='\${A_URL}'"`,
  ];
  for (const [url, form] of urls.flatMap((url) => forms.map((form) => [url, form]))) {
    const { topology, diagnostics } = loadTopology({
      text: `version: 1\nnodes:\n  a: { connection: ${form} }\n`,
      fileName: 'steep.yaml',
      environment: { A_URL: url },
    });
    expect(topology, form).toBeNull();
    expect(diagnostics.map(({ code }) => code)).toContain('INVALID_CONNECTION');
    expect(JSON.stringify(diagnostics)).not.toContain('canary');
  }
  expect(parseConnectionText(`host=h password='user=u password=p'`)).toMatchObject({
    ok: false,
  });
  expect(parseConnectionText(`host=h password='host=b://c'`)).toMatchObject({ ok: true });
});

test.each(['dbname', 'host', 'user', 'application_name'])(
  'a connection string in %s is refused, and not shown',
  (keyword) => {
    const forms = [`{ ${keyword}: "\${A_URL}", port: 5432 }`, `"port=5432 ${keyword}=\${A_URL}"`];
    for (const [url, form] of [
      ['postgresql://u:canary@h/d', forms[0]],
      ['postgresql://u:canary@h/d', forms[1]],
      ["host=h password='canary'", forms[0]],
    ]) {
      const { topology, diagnostics } = loadTopology({
        text: `version: 1\nnodes:\n  a: { connection: ${form} }\n`,
        fileName: 'steep.yaml',
        environment: { A_URL: url },
      });
      expect(topology).toBeNull();
      expect(diagnostics.map(({ code }) => code)).toEqual(['INVALID_CONNECTION']);
      expect(JSON.stringify(diagnostics)).not.toContain('canary');
    }
  },
);

describe('variables', () => {
  const environment = { A: '1', EMPTY: '', NESTED: '${A}', DOLLAR: '$& $1' };

  test.each([
    ['${A}', '1', []],
    ['x${A}y${A}', 'x1y1', []],
    ['${B:-two}', 'two', []],
    ['${EMPTY:-two}', 'two', []],
    ['${A:-two}', '1', []],
    ['${B:-}', '', []],
    ['${B} ${C} ${B}', '  ', ['B', 'C']],
    ['${EMPTY}', '', ['EMPTY']],
    ['${NESTED}', '${A}', []],
    ['${DOLLAR}', '$& $1', []],
    ['${toString}', '', ['toString']],
    ['$A $ {A}', '$A $ {A}', []],
  ])('%s', (text, expected, missing) => {
    expect(expandVariables(text, environment)).toMatchObject({
      text: expected,
      missing,
      malformed: false,
    });
  });

  test.each(['${', '${}', '${1}', '${A', '${A-b}', '${A:b}'])('malformed %s', (text) => {
    expect(expandVariables(text, environment).malformed).toBe(true);
  });

  test('a text is one variable, or it is not', () => {
    expect(['${A}', '${A:-x}', '${A}b', 'A'].map(soleVariable)).toEqual(['A', null, null, null]);
  });
});

const load = (connection: string, environment: Readonly<Record<string, string>>) => {
  const text = `version: 1\nnodes:\n  a: { connection: ${connection} }\n`;
  return loadTopology({ text, fileName: 'steep.yaml', environment });
};

describe('in a file', () => {
  test.each([
    ['"${URL}"', { URL: 'postgresql://u:p@h/d' }, `dbname=d host=h password=p user=u`],
    ['"postgresql://${USER:-steep}@h/d"', {}, 'dbname=d host=h user=steep'],
    [
      '{ host: h, port: 5433, password_env: PW }',
      { PW: `it's` },
      `host=h password='it\\'s' port=5433`,
    ],
    ['{ service: s, passfile: /p }', {}, 'passfile=/p service=s'],
    ['{ host: "${H}" }', { H: 'h' }, 'host=h'],
  ])('%s', (connection, environment, text) => {
    const { topology, diagnostics } = load(connection, environment);
    expect(diagnostics).toEqual([]);
    expect(topology?.connections.own.a?.text).toBe(text);
    expect(topology?.connections.replication.a?.text).toBe(text);
  });

  test.each([
    ['⟦"${URL}"⟧', 'MISSING_VARIABLE', 'Node a: connection needs the environment variable URL'],
    ['{ password_env: ⟦PW⟧ }', 'MISSING_VARIABLE', 'environment variable PW'],
    ['{ host: ⟦"${H}"⟧ }', 'MISSING_VARIABLE', 'environment variable H'],
    ['⟦"postgresql://${1}@h"⟧', 'INVALID_VARIABLE', 'followed by a name'],
    ['⟦"postgresql://a,b/db"⟧', 'INVALID_CONNECTION', 'nodes.a.connection: `host` names several'],
    ['⟦{ host: "a,b" }⟧', 'INVALID_CONNECTION', 'several servers'],
    ['⟦{ password: "${SET}", password_env: SET }⟧', 'INVALID_CONNECTION', 'not both'],
    ['{ host: h, ⟦replication⟧: database }', 'UNKNOWN_KEY', 'not a key'],
    ['{ password_env: ⟦"not a name"⟧ }', 'INVALID_VALUE', 'not its value'],
  ])('%s', (marked, code, words) => {
    const { text, place } = unmark(`version: 1\nnodes:\n  a: { connection: ${marked} }\n`);
    const input = { text, fileName: 'steep.yaml', environment: { SET: 'x' } };
    const { topology, diagnostics } = loadTopology(input);
    expect(diagnostics.map(brief)).toEqual([{ severity: 'error', code, ...place }]);
    expect(diagnostics.map(wordsOf).join()).toContain(words);
    expect(topology).toBeNull();
  });

  test('the other nodes can have a way of their own', () => {
    const text = `version: 1
nodes:
  a: { connection: host=outside, replication_connection: { host: inside } }
`;
    const { topology } = loadTopology({ text, fileName: 'steep.yaml', environment: {} });
    expect(topology?.connections.own.a?.text).toBe('host=outside');
    expect(topology?.connections.replication.a?.text).toBe('host=inside');
  });
});
