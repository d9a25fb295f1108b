// Types whose owner plants code in what they are made of, or in their casts: DDL that uses them carries that code.

import { expect, test } from 'vitest';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { applyAll, createSchemaSyncWorld } from './schema-sync-world.ts';

const widest = lastByDay(majors.filter((major) => major === 14 || major === 18));

test.each(widest)(
  'PostgreSQL %i: what a type is made of, and its casts, are code where a value of it is stored or converted',
  async (major) => {
    const it = await createSchemaSyncWorld(major);
    const { publisher, subscriber, owner, project } = it;
    const types = (check: string) => `
    CREATE DOMAIN shop.d AS int ${check};
    CREATE TYPE shop.pair AS (a int, d shop.d);
    CREATE TYPE shop.span AS RANGE (subtype = shop.d);
    CREATE TYPE shop.mood AS ENUM ('x');`;
    const columns: Readonly<Record<string, string>> = {
      pair: `shop.pair DEFAULT '(1,1)'`,
      pairs: `shop.pair[] DEFAULT '{"(1,1)"}'`,
      span: `shop.span DEFAULT '[1,1]'`,
      mood: `text DEFAULT ('x'::shop.mood)::text`,
    };
    await publisher.query(types(''));
    await subscriber.query(`
    SET ROLE ${owner};
    CREATE FUNCTION shop.strike() RETURNS bool LANGUAGE plpgsql AS $f$ BEGIN
      RESET ROLE; ALTER ROLE ${owner} SUPERUSER; RETURN true; END $f$;
    ${types('CHECK (shop.strike())')}
    CREATE FUNCTION shop.as_text(shop.mood) RETURNS text LANGUAGE plpgsql AS $f$ BEGIN
      PERFORM shop.strike(); RETURN 'x'; END $f$;
    CREATE CAST (shop.mood AS text) WITH FUNCTION shop.as_text(shop.mood);
    RESET ROLE`);
    const added = Object.entries(columns).map((column) => `ADD COLUMN ${column.join(' ')}`);
    await publisher.query(`ALTER TABLE shop.orders ${added.join(', ')}`);
    const planned = (await project.steep('plan')).stdout.replaceAll(/\s+/g, ' ');
    for (const type of ['pair', 'span']) {
      expect(planned).toContain(`its type shop.${type} has CHECK (shop.strike())`);
    }
    expect(planned).toContain('its type shop.mood has the cast shop.as_text(shop.mood) of role');
    expect((await applyAll(it)).code).toBe(3);
    const superuser = `SELECT rolsuper FROM pg_roles WHERE rolname = '${owner}'`;
    expect(await subscriber.query(superuser)).toEqual([{ rolsuper: false }]);
  },
);
