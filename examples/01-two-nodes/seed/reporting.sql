-- The subscriber: the same tables, empty. With tables of your own: pg_dump --schema-only.
CREATE TABLE public.customers (
  id   bigint PRIMARY KEY,
  name text NOT NULL
);
CREATE TABLE public.orders (
  id          bigint PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES public.customers,
  total       numeric(10, 2) NOT NULL
);
