CREATE SCHEMA shop;
CREATE TABLE shop.products (sku text PRIMARY KEY, name text NOT NULL, price numeric(10, 2) NOT NULL);
CREATE TABLE shop.orders (id bigint PRIMARY KEY, sku text NOT NULL REFERENCES shop.products, quantity int NOT NULL);
INSERT INTO shop.products SELECT 'SKU-' || i, 'Product ' || i, i FROM generate_series(1, 200) AS i;
INSERT INTO shop.orders SELECT i, 'SKU-' || (1 + i % 200), 1 + i % 5 FROM generate_series(1, 2000) AS i;
ANALYZE shop.products, shop.orders;
