-- Fills one half of the demo's shop (half a million rows; shop-lines.sql fills the other at the same time)
-- and makes a function that continues changing it. No randomness: every run makes the same rows.
-- Multiplying by a prime scatters them.

BEGIN;
SET LOCAL session_replication_role = replica; -- the foreign keys hold by construction
SET LOCAL synchronous_commit = off;

INSERT INTO shop.customers (id, token, email, name, address, interests, joined_at)
SELECT i, md5('customer ' || i)::uuid, 'customer' || i || '@example.com',
       (ARRAY['Ada', 'Børge', 'Chloé', 'Dmitri', 'Eun-ji', 'Fatima'])[1 + i % 6] || ' ' || i * 7919 % 1000,
       jsonb_build_object('city', 'City ' || i * 31 % 500, 'zip', lpad((i * 7919 % 100000)::text, 5, '0')),
       ARRAY['topic' || i % 20, 'topic' || i % 7],
       '2024-01-01 00:00+00'::timestamptz + i * interval '10 minutes'
  FROM generate_series(1, 100000) AS i;

INSERT INTO shop.orders (id, customer_id, status, placed_at, shipping) OVERRIDING SYSTEM VALUE
SELECT i, 1 + i * 7919 % 100000,
       (ARRAY['cart', 'placed', 'paid', 'shipped', 'shipped', 'shipped', 'returned'])[1 + i % 7]::shop.order_status,
       '2026-01-01 00:00+00'::timestamptz + i * interval '100 seconds',
       CASE WHEN i % 3 = 0 THEN jsonb_build_object('carrier', 'post', 'parcels', 1 + i % 3) END
  FROM generate_series(1, 200000) AS i;

INSERT INTO shop.events (id, happened_at, customer_id, kind, payload)
SELECT i, '2026-01-01 00:00+00'::timestamptz + i * interval '95 seconds', 1 + i * 31 % 100000,
       (ARRAY['view', 'search', 'login', 'basket'])[1 + i % 4],
       jsonb_build_object('page', '/products/' || i % 5000, 'ms', i * 7919 % 900)
  FROM generate_series(1, 230000) AS i;

SELECT setval('shop.customers_id_seq', 100000), setval('shop.orders_id_seq', 200000);
COMMIT;

ANALYZE shop.customers, shop.orders, shop.events;

-- One batch of a day's business, about 90 rows in all tables: run it again and again while data is copied.
CREATE FUNCTION shop.do_business(batch int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO shop.customers (token, email, name)
  SELECT gen_random_uuid(), gen_random_uuid() || '@example.com', 'New customer of batch ' || batch
    FROM generate_series(1, 5);

  WITH ordered AS (
    INSERT INTO shop.orders (customer_id, status, placed_at)
    SELECT 1 + (batch * 7919 + i) % 100000, 'placed', clock_timestamp() FROM generate_series(1, 10) AS i
    RETURNING id)
  INSERT INTO shop.order_lines (order_id, line, sku, quantity, price)
  SELECT id, line, 'SKU-' || lpad((1 + batch % 5000)::text, 5, '0'), line, 9.99
    FROM ordered, generate_series(1, 2) AS line;

  INSERT INTO shop.events (id, happened_at, customer_id, kind, payload)
  SELECT 1000000 + nextval('shop.orders_id_seq'), clock_timestamp(), i, 'view', '{}'
    FROM generate_series(1, 20) AS i;

  UPDATE shop.orders SET status = 'shipped', shipping = '{"carrier": "courier"}'
   WHERE id BETWEEN batch * 20 % 200000 AND batch * 20 % 200000 + 19;
  UPDATE shop.products SET price = price + 0.01 WHERE sku = 'SKU-' || lpad((1 + batch % 5000)::text, 5, '0');
  UPDATE shop.customers SET interests = interests || 'sale'::text WHERE id = 1 + batch * 31 % 100000;
  DELETE FROM "Shop Extra"."Order Notes" WHERE "Order Id" = (1 + batch % 20000) * 10;
  DELETE FROM shop.order_lines WHERE order_id = 1 + batch % 200000 AND line = 2;
  DELETE FROM shop.events WHERE id BETWEEN batch * 3 % 230000 AND batch * 3 % 230000 + 2;
$$;
