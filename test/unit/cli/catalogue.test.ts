// The catalogues: nothing that the code or the design names is left unexplained.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  renderCodeList,
  renderExplanations,
} from '../../../src/cli/render/plan/render-explanation.ts';
import { plainStyle } from '../../../src/cli/render/style.ts';
import { errorCatalogue } from '../../../src/model/catalogue/error-catalogue.ts';
import { hazardCatalogue } from '../../../src/model/catalogue/hazard-catalogue.ts';
import { SteepError } from '../../../src/model/errors.ts';
import { severities } from '../../../src/model/plan/hazard.ts';
import { topologyFindings } from '../../../src/topology/findings.ts';
import { allCodes, explain } from '../../../src/workflows/explain.ts';

const source = fileURLToPath(new URL('../../../src/', import.meta.url));

/** All sources but the catalogues themselves. */
const sources = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.includes('/catalogue/'))
  .map((file) => readFileSync(source + file, 'utf8'));

/** Codes that the sources write down: of an error, of a hazard, or the `code` of a value. */
const writtenCodes = (): readonly string[] => {
  const pattern = /(?:new SteepError\(|\bcode: |\bhazard\(\s*[^,()]*,)\s*'([A-Z][A-Z0-9_]+)'/g;
  return sources.flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1] ?? ''));
};

test('has no code that nothing raises', () => {
  const words = new Set(sources.flatMap((text) => text.match(/\b[A-Z][A-Z0-9_]+\b/g) ?? []));
  expect(allCodes().filter(({ code }) => !words.has(code))).toEqual([]);
});

test('has every code that the sources write down', () => {
  const known: readonly string[] = allCodes().map(({ code }) => code);
  const written = writtenCodes();
  expect(written.length).toBeGreaterThan(10);
  expect([...new Set(written)].filter((code) => !known.includes(code))).toEqual([]);
});

test('agrees with the findings of steep.yaml', () => {
  for (const [code, { severity }] of Object.entries(topologyFindings)) {
    const entry = allCodes().find((it) => it.kind === 'error' && it.code === code);
    expect(entry?.severity, code).toBe(severity);
  }
});

describe.each(allCodes())('$kind $code', (entry) => {
  test('speaks in full sentences', () => {
    for (const sentence of [entry.meaning, entry.cause, entry.cure, entry.versions ?? '.']) {
      expect(sentence).toMatch(/^[\w"'-].*\.$|^\.$/s);
    }
    expect(entry.title).toMatch(/^(?:[A-Z]|steep |pg_dump )[^\n]*[^.]$/);
    expect(entry.title.length).toBeLessThanOrEqual(70);
  });

  test('has a severity of its kind', () => {
    const known: readonly string[] =
      entry.kind === 'hazard' ? severities : ['error', 'warning', 'notice'];
    expect(known).toContain(entry.severity);
  });

  test('has commands that can be run alone', () => {
    for (const command of entry.commands ?? []) expect(command).not.toMatch(/\n|^\s|\s$/);
  });
});

test('every danger says how to allow or avoid it', () => {
  const dangers = Object.values(hazardCatalogue).filter(({ severity }) => severity === 'danger');
  expect(dangers.length).toBeGreaterThan(8);
  for (const { cure } of dangers) expect(cure.length).toBeGreaterThan(40);
});

describe('explain', () => {
  test('finds a code in any case', () => {
    expect(explain('slot-drop')).toEqual(explain('SLOT_DROP'));
  });

  test('gives both meanings of a code that is a hazard and an error', () => {
    expect(explain('PRIVILEGE').map(({ kind }) => kind)).toEqual(['hazard', 'error']);
  });

  test('an unknown code is wrong usage, with the nearest one', () => {
    expect(() => explain('SLOT_DORP')).toThrow(SteepError);
    try {
      explain('SLOT_DORP');
    } catch (error) {
      expect(error).toMatchObject({
        code: 'UNKNOWN_CODE',
        exit: 64,
        suggestions: ['Did you mean SLOT_DROP?', 'steep explain SLOT_DROP', 'steep explain'],
      });
    }
  });

  test('looks like this', () => {
    expect(renderExplanations(explain('SLOT_LOST'), plainStyle)).toMatchInlineSnapshot(`
      "SLOT_LOST  The replication slot is lost (hazard, usually block)

      Meaning: The publisher has removed WAL that the slot needed. ALTER SUBSCRIPTION … ENABLE returns success, but no worker keeps running: nothing is replicated any more.
      Cause:   The slot kept more WAL than max_slot_wal_keep_size allows, or it was invalidated for another reason: wal_status in pg_replication_slots is "lost".
      Cure:    Only a new initial copy helps: apply with --reinit drops the subscription with its slot, empties its tables, and creates and fills both again. Raise max_slot_wal_keep_size first if the same would happen again.
        steep apply --reinit NODE/subscription.NAME
        SELECT slot_name, wal_status FROM pg_replication_slots;
      Versions: From PostgreSQL 17 the column invalidation_reason names the reason."
    `);
  });

  test('lists every code once for each kind', () => {
    const lines = renderCodeList(allCodes(), plainStyle).split('\n');
    const count = Object.keys(hazardCatalogue).length + Object.keys(errorCatalogue).length;
    expect(lines.filter((line) => /^ {2}[A-Z_]+ /.test(line))).toHaveLength(count);
  });
});
