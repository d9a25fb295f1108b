import { expect, test } from 'vitest';
import { compareDefinitions } from '../../../src/planner/schema/compare-definitions.ts';
import { type DefinitionDocument, parseDefinition } from '../../../src/schema/read-definitions.ts';
import { readSettled } from '../../../src/schema/read-settled.ts';

const serverError = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code, severity: 'ERROR' });

const dropped = serverError('XX000', 'cache lookup failed for attribute 1 of relation 16396');
const aborted = serverError('25P02', 'current transaction is aborted');

/** Each read gives the next of these. */
const reading = (...outcomes: readonly (readonly string[] | Error)[]) => {
  const left = [...outcomes];
  return async (): Promise<readonly string[]> => {
    const next = left.shift() ?? [];
    if (next instanceof Error) throw next;
    return next;
  };
};

const isWhole = (row: string): boolean => row !== 'torn';

test('rows that could not be spelled, and objects that were dropped, are read again', async () => {
  expect(await readSettled(reading(['torn', 'a'], dropped, ['a']), isWhole)).toEqual(['a']);
});

test('after five reads what is there is taken', async () => {
  const torn = Array.from({ length: 5 }, (_, turn) => ['torn', String(turn)]);
  expect(await readSettled(reading(...torn), isWhole)).toEqual(['torn', '4']);
  await expect(readSettled(reading(...torn.map(() => dropped)))).rejects.toBe(dropped);
});

test('in a transaction the first failure is told; any other failure at once', async () => {
  await expect(readSettled(reading(dropped, aborted))).rejects.toBe(dropped);
  await expect(readSettled(reading(aborted, ['a']))).rejects.toBe(aborted);
});

test('a record that lacks the definition of an index can be compared', () => {
  const document: DefinitionDocument = {
    columns: [],
    identity: ['d', null, null],
    unlogged: false,
    partition_key: null,
    parents: [],
    bound: null,
    constraints: [['k', 'u', null]],
    indexes: [['i', null, false, true]],
    types: [],
  };
  const table = parseDefinition({ schema: 'public', name: 't' }, document);
  const other = { ...table, constraints: [], indexes: [] };
  expect(compareDefinitions(table, other).map(({ name }) => name)).toEqual(['k', 'i']);
});
