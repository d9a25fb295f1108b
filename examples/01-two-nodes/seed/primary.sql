-- The publisher: two tables with rows.
CREATE TABLE public.customers (
  id   bigint PRIMARY KEY,
  name text NOT NULL
);
CREATE TABLE public.orders (
  id          bigint PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES public.customers,
  total       numeric(10, 2) NOT NULL
);
INSERT INTO public.customers SELECT i, 'Customer ' || i FROM generate_series(1, 100) AS i;
INSERT INTO public.orders SELECT i, 1 + i % 100, i / 100.0 FROM generate_series(1, 1000) AS i;
ANALYZE public.customers, public.orders;
