// The demo's data: a shop with about a million rows. What it holds is written in sql/demo/.

import { readFile } from 'node:fs/promises';
import type { QualifiedName } from '../model/identifier.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';

/** The tables that are worth publishing: the partitioned one by its root. */
export const shopTables: readonly QualifiedName[] = [
  { schema: 'Shop Extra', name: 'Order Notes' },
  { schema: 'shop', name: 'customers' },
  { schema: 'shop', name: 'events' },
  { schema: 'shop', name: 'order_lines' },
  { schema: 'shop', name: 'orders' },
  { schema: 'shop', name: 'products' },
];

/** The empty shop: what a subscriber needs. */
export async function createShop(session: Session): Promise<void> {
  await session.script(await demoFile('shop-schema.sql'));
}

/** Fills an empty shop through two sessions at once, within seconds. Needs a superuser. */
export async function fillShop(one: Session, other: Session): Promise<void> {
  const files = await Promise.all(['shop.sql', 'shop-lines.sql'].map(demoFile));
  await Promise.all([one, other].map((session, index) => session.script(files[index] ?? '')));
}

/**
 * One transaction that inserts, updates and deletes in all tables of a filled shop. Call it with 1, 2, 3, …
 * and batches touch other rows each time.
 */
export async function doBusiness(session: Session, batch: number): Promise<void> {
  await session.query(sql`SELECT shop.do_business(${batch})`);
}

const demoFile = (name: string): Promise<string> =>
  readFile(new URL(`../../sql/demo/${name}`, import.meta.url), 'utf8');
