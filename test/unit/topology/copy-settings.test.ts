// Settings of initial copies: what they mean, and which nothing looks at.

import { describe, expect, test } from 'vitest';
import { brief, load, subscriptions, toEu, twoNodes, unmark } from './marked-file.ts';

test.each([
  '{ copy: native, ⟦parallel_workers⟧: 4 }',
  '{ copy: native, ⟦large_table_threshold⟧: 1GB }',
  '{ copy: native, ⟦large_table_method⟧: pg_dump }',
  '{ copy: native, ⟦hold_tables⟧: true }',
  '{ method: none, ⟦hold_tables⟧: true }',
  '{ hold_tables: true, ⟦large_table_method⟧: pg_dump }',
  '{ ⟦large_table_threshold⟧: 1GB }',
  '{ ⟦large_table_threshold⟧: 1GB, large_table_method: copy }',
])('a setting that nothing looks at is a warning: %s', (init) => {
  const { text, place } = unmark(`${twoNodes}defaults: { init: ${init} }\n`);
  const { topology, diagnostics } = load(text);
  expect(diagnostics.map(brief)).toEqual([{ severity: 'warning', code: 'NO_EFFECT', ...place }]);
  expect(topology).not.toBeNull();
});

const subscribed = (defaults: string, own: string): string =>
  `defaults: { init: { ${defaults} } }\n${subscriptions(`s: { ${toEu}, init: { ${own} } }`)}`;

const resolved = (defaults: string, own: string) => {
  const { topology, diagnostics } = load(subscribed(defaults, own));
  expect(diagnostics).toEqual([]);
  return topology?.desired.subscriptions[0];
};

describe('hold_tables', () => {
  test('is a setting of the copy by steep, which the defaults may give', () => {
    expect(resolved('', 'hold_tables: true')).toHaveProperty('holdTables', true);
    expect(resolved('hold_tables: true', 'parallel_workers: 2')).toHaveProperty('holdTables', true);
    expect(resolved('hold_tables: true', 'hold_tables: false')).not.toHaveProperty('holdTables');
    expect(resolved('hold_tables: true', 'method: none')).not.toHaveProperty('holdTables');
    expect(resolved('', 'copy: parallel')).not.toHaveProperty('holdTables');
  });

  test('is true or false, and nothing else', () => {
    const { text, place } = unmark(`${twoNodes}defaults: { init: { hold_tables: ⟦"yes"⟧ } }\n`);
    const { topology, diagnostics } = load(text);
    expect(diagnostics.map(brief)).toEqual([{ severity: 'error', code: 'WRONG_TYPE', ...place }]);
    expect(topology).toBeNull();
  });
});

describe('large tables', () => {
  test('are those of ten gigabytes, unless told', () => {
    expect(resolved('', 'large_table_method: pg_dump')?.largeTables).toEqual({
      method: 'pg_dump',
      threshold: 10 * 1024 ** 3,
    });
  });

  test('a threshold by default has its effect where one subscription names a method', () => {
    const sub = resolved('large_table_threshold: 1MB', 'large_table_method: basebackup');
    expect(sub?.largeTables).toEqual({ method: 'basebackup', threshold: 1024 ** 2 });
  });

  test('come as all others unless told, and where steep does not copy', () => {
    expect(resolved('', 'copy: parallel')).not.toHaveProperty('largeTables');
    expect(resolved('large_table_method: pg_dump', 'method: none')).not.toHaveProperty(
      'largeTables',
    );
  });
});
