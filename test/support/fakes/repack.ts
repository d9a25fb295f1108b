// What pg_repack does, without its extension: the rows are written to a new table as new rows, whose files then become
// those of the old one. The new table stays, with the old files.

/** As one statement that a superuser runs. */
export const repack = (table: string): string => `DO $$
  DECLARE fresh regclass;
  BEGIN
    SET LOCAL allow_system_table_mods = on;
    LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE;
    CREATE TABLE ${table}_repacked (LIKE ${table} INCLUDING DEFAULTS INCLUDING STORAGE);
    fresh := '${table}_repacked'::regclass;
    INSERT INTO ${table}_repacked SELECT * FROM ${table};
    UPDATE pg_class AS c SET relfilenode = o.relfilenode, reltoastrelid = o.reltoastrelid
      FROM pg_class AS o
     WHERE c.oid IN (fresh, '${table}'::regclass) AND o.oid IN (fresh, '${table}'::regclass) AND o.oid <> c.oid;
  END $$;
  REINDEX TABLE ${table}`;
