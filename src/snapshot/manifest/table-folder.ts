// The folder of a table below data/: readable for common names, and another for every table on every file system.

import { createHash } from 'node:crypto';

export interface TableFolderName {
  readonly schema: string;
  readonly name: string;
}

/**
 * `public.orders` → `public.orders`. Names of lower case letters, digits and underscores, with which every file
 * system can tell tables apart, stay; others keep what is readable of them, and a hash of the exact name tells them
 * apart: `Sales.Order items` → `sales.order_items~1f0c…`. No two tables share a folder; it cannot be read back.
 */
export const tableFolder = (table: TableFolderName): string => {
  const readable = `${part(table.schema)}.${part(table.name)}`;
  const isExact = readable === `${table.schema}.${table.name}` && !reserved.test(table.schema);
  return isExact ? readable : `${readable}~${digest(table)}`;
};

/** Names of devices, which Windows finds in every directory, whatever follows after a dot. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/;

const part = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_')
    .slice(0, 63) || '_';

const digest = (table: TableFolderName): string =>
  createHash('sha256')
    .update(JSON.stringify([table.schema, table.name]))
    .digest('hex')
    .slice(0, 32);
