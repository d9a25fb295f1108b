-- Fills the other half of the demo's shop, while shop.sql fills the first.

BEGIN;
SET LOCAL session_replication_role = replica; -- the foreign keys hold by construction
SET LOCAL synchronous_commit = off;

INSERT INTO shop.products (sku, name, price, attributes, sizes, photo)
SELECT 'SKU-' || lpad(i::text, 5, '0'),
       (ARRAY['Lamp', 'Chair', 'Kettle', 'Bicycle', 'Notebook'])[1 + i % 5] || ' № ' || i,
       1 + (i * 7919 % 50000) / 100.0,
       jsonb_build_object('colour', (ARRAY['red', 'green', 'blue'])[1 + i % 3], 'grams', i * 31 % 5000),
       ARRAY[i % 40, NULL, 60],
       CASE WHEN i % 10 = 0 THEN decode(repeat(md5(i::text), 20), 'hex') END
  FROM generate_series(1, 5000) AS i;

INSERT INTO shop.order_lines (order_id, line, sku, quantity, price)
SELECT o, line, 'SKU-' || lpad((1 + (o * 31 + line * 7919) % 5000)::text, 5, '0'), 1 + (o + line) % 5,
       1 + ((o * 31 + line * 7919) % 5000) / 100.0
  FROM generate_series(1, 200000) AS o, generate_series(1, 1 + o % 4) AS line
 WHERE line < 4;

INSERT INTO "Shop Extra"."Order Notes" ("Order Id", "Note", "Written By?")
SELECT i * 10, 'Please ring ' || i % 4 || E' times\tor leave it at "the desk".', 'clerk' || i % 30
  FROM generate_series(1, 20000) AS i;
COMMIT;

ANALYZE shop.products, shop.order_lines, "Shop Extra"."Order Notes";
