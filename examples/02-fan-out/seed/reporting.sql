CREATE SCHEMA shop;
CREATE TABLE shop.products (sku text PRIMARY KEY, name text NOT NULL, price numeric(10, 2) NOT NULL);
CREATE TABLE shop.orders (id bigint PRIMARY KEY, sku text NOT NULL, quantity int NOT NULL);
