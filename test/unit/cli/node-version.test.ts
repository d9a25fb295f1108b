// What a user of an older Node is told, instead of the module that it does not have.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const { nodeTooOld } = (await import(
  pathToFileURL(join(import.meta.dirname, '../../../bin/node-version.js')).href
)) as { readonly nodeTooOld: (running: string, needed: string) => string | null };

test.each(['22.15.0', '22.16.1', '23.0.0', '24.1.0'])('Node %s runs steep', (running) => {
  expect(nodeTooOld(running, '>=22.15.0')).toBeNull();
});

test.each(['18.20.0', '20.19.5', '22.14.9'])('Node %s is told what is needed', (running) => {
  expect(nodeTooOld(running, '>=22.15.0')).toBe(
    `steep needs Node 22.15 or later, and this is Node ${running}.`,
  );
});
