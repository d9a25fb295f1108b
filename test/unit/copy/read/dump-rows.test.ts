// Rows in the output of pg_dump, however it is cut into chunks, and output that is not what it should be.

import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { readDump } from '../../../../src/copy/read/dump-rows.ts';

const preamble = `--
-- PostgreSQL database dump
--

\\restrict Zx8

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

--
-- Data for Name: COPY "a"."b" ("c") FROM stdin;; Type: TABLE DATA; Schema: public; Owner: ada
--

`;
const rows = '1\tone\\nline\n2\t\\\\.\n3\t\\N\n';
const footer = `\\.


SELECT pg_catalog.setval('"public"."t_id_seq"', 3, true);

\\unrestrict Zx8
`;
const copy = `COPY "Odd ""s"."t (x)" ("id", "No ""te, (y)") FROM stdin;\n`;

const read = async (output: string, size: number, ended: Promise<void> = Promise.resolve()) => {
  const bytes = Buffer.from(output);
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
  const dump = await readDump({ output: Readable.from(chunks), ended });
  return { columns: dump.columns, text: await text(dump.stream), rows: dump.rows() };
};

test.each([1, 2, 3, 4, 5, 7, 64, 100_000])('in chunks of %i bytes', async (size) => {
  expect(await read(preamble + copy + rows + footer, size)).toEqual({
    columns: ['id', 'No "te, (y)'],
    text: rows,
    rows: 3,
  });
  expect(await read(preamble + copy + footer, size)).toMatchObject({ text: '', rows: 0 });
});

test.each([
  ['no table', preamble + footer, 'no rows of this table'],
  ['an end that is missing', preamble + copy + rows, 'truncated'],
  ['a row that is cut', `${preamble}${copy}${rows}4\tfo`, 'truncated'],
  ['another table', preamble + copy + rows + footer + copy + rows + footer, 'more than one table'],
])('%s', async (_, output, words) => {
  await expect(read(output, 64)).rejects.toMatchObject({
    code: 'PG_DUMP_FAILED',
    message: expect.stringContaining(words) as unknown,
  });
});

test('the rows do not end before the program has ended well', async () => {
  const failed = Promise.reject(new Error('exit 1'));
  failed.catch(() => undefined);
  await expect(read(preamble + copy + rows + footer, 64, failed)).rejects.toThrow('exit 1');
});
