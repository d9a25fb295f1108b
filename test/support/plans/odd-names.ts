// Names that are quoted, on every major or on some: everywhere that a definition can have a name.

import type { CorpusPart } from './schema-corpus.ts';

export const oddNames: CorpusPart = {
  what: 'odd names',
  ddl: `
    CREATE TABLE "Odd Schema"."Odd ""Table""" ("Id" int PRIMARY KEY, "a,b" text DEFAULT '', "ü" text,
      "select" int CONSTRAINT "Check, please" CHECK ("select" > 0))`,
};

export const keywordNames: CorpusPart = {
  what: 'names that are keywords of some majors',
  ddl: `
    CREATE SCHEMA "json";
    CREATE TYPE "json"."json" AS ENUM ('json', '"json"');
    CREATE DOMAIN shop."json" AS text DEFAULT 'json' CHECK (VALUE <> 'json ''json"');
    CREATE COLLATION shop."json_table" (locale = 'C');
    CREATE TYPE shop."json_scalar" AS ("json_exists" shop."json", b text COLLATE shop."json_table", c json);
    CREATE TYPE shop."merge_action" AS RANGE (subtype = "json"."json");
    CREATE FUNCTION shop."json_value"(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
    CREATE TABLE "json"."system_user" ("json" int PRIMARY KEY, "merge_action" int UNIQUE DEFAULT shop."json_value"(2),
      "json_array" "json"."json" DEFAULT 'json', "json_query" "json"."json"[], "json_object" shop."json", a json DEFAULT '{"json": 1}',
      b shop."json_scalar" DEFAULT ROW('json', 'b', '1'::json), c shop."merge_action", "json_serialize" text COLLATE shop."json_table",
      "json_arrayagg" int GENERATED ALWAYS AS (shop."json_value"("merge_action" + 1)) STORED,
      CHECK (shop."json_value"("json") > 0 AND "json_array"::text <> 'json'), CHECK (a::jsonb <> to_jsonb("json") AND "json" IN (1, 2)),
      FOREIGN KEY ("json") REFERENCES "json"."system_user" ("merge_action"), EXCLUDE USING btree ("merge_action" WITH =));
    CREATE INDEX "json_objectagg" ON "json"."system_user" ("merge_action"); CREATE INDEX ON "json"."system_user" (("json" + "merge_action")) WHERE "json" > 1;
    CREATE TABLE shop.by_json ("json" int) PARTITION BY LIST ("json");
    CREATE TABLE shop."json_parts" PARTITION OF shop.by_json FOR VALUES IN (1)`,
};
