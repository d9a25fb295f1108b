// Where a pipeline lists what a file may name: which parts of a connection a listed variable may be.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: steep's own form of variables.

import { describe, expect, test } from 'vitest';
import { toAllowList } from '../../../../src/model/plan/allow-list.ts';
import { loadTopology } from '../../../../src/topology/load.ts';

describe('with a list, a variable that may be a secret is no part of a connection that a server reads', () => {
  const load = (connection: string, allowed: string, SECRET: string) =>
    loadTopology({
      text: `version: 1\nnodes:\n  a: { connection: ${connection} }\n`,
      fileName: 'steep.yaml',
      environment: { SECRET, HOST: 'h' },
      allowedVariables: toAllowList([allowed, 'HOST:plain']),
    }).diagnostics.filter(({ severity }) => severity === 'error');
  const url = 'postgresql://u:canary@h/d';
  const [shown, hidden] = [
    [
      ...['user', 'dbname', 'options', 'host', 'application_name', 'passfile'].map(
        (key) => [`{ hostaddr: 1.2.3.4, ${key}: "\${SECRET}" }`, 'canary'] as const,
      ),
      ...['user=${SECRET}', "options='-c x=${SECRET}'", 'host=${SECRET}', 'password=${SECRET}'].map(
        (text) => [`"hostaddr=1.2.3.4 ${text}"`, 'canary user=canary'] as const,
      ),
      ['"postgresql://evil/${SECRET}"', 'canary'],
      ['"postgresql://${SECRET}@evil/d"', 'canary'],
      ['"${SECRET}@evil/d"', 'postgresql://canary'],
      ['"${SECRET} host=evil"', 'user=canary'],
      // A password that ends the user part of a URI would be looked up as a host.
      ['"postgresql://u:${SECRET}@h/d"', 'can@canary/'],
      ['"postgresql://h/d?user=${SECRET}"', 'canary'],
      ['"${SECRET:-postgresql://evil/}/x"', url],
    ] as const,
    [
      ['"${SECRET}"', url],
      ['{ host: "${HOST}", password: "${SECRET}" }', 'canary'],
      ['{ host: "${HOST}", password_env: SECRET }', 'canary'],
      ['"postgresql://u:${SECRET}@${HOST}/d"', 'canary'],
      ['"host=${HOST} password=${SECRET}"', 'canary'],
    ] as const,
  ];

  test.each(shown)('refused: %s', (connection, value) => {
    const found = load(connection, 'SECRET', value);
    expect(found.map(({ code }) => code)).toEqual(['VARIABLE_NOT_ALLOWED']);
    expect(JSON.stringify(found)).toContain('--allow-env SECRET:plain');
    expect(JSON.stringify(found)).not.toContain('canary');
  });

  test.each(hidden)('allowed: %s', (connection, value) => {
    expect(load(connection, 'SECRET', value)).toEqual([]);
  });

  test('a variable without a secret may be any part, and an unknown mark allows nothing', () => {
    expect(load('"host=${SECRET}"', 'SECRET:plain', 'h')).toEqual([]);
    expect(load('"${SECRET}"', 'SECRET:public', url).map(({ code }) => code)).toEqual([
      'VARIABLE_NOT_ALLOWED',
    ]);
  });
});
