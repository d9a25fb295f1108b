-- Only what it subscribes to.
CREATE SCHEMA shop;
CREATE TABLE shop.products (sku text PRIMARY KEY, name text NOT NULL, price numeric(10, 2) NOT NULL);
