CREATE SCHEMA "Odd Schema";
CREATE TABLE "Odd Schema"."Ta.ble""s" ("Key" int PRIMARY KEY, "select" text);
INSERT INTO "Odd Schema"."Ta.ble""s" VALUES (1, 'one');
