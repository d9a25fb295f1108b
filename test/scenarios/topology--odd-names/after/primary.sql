INSERT INTO "Odd Schema"."Ta.ble""s" VALUES (2, 'two');
UPDATE "Odd Schema"."Ta.ble""s" SET "select" = 'uno' WHERE "Key" = 1;
