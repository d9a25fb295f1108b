CREATE TABLE public.customers (
  id        bigint PRIMARY KEY,
  name      text NOT NULL,
  email     text NOT NULL,
  country   text NOT NULL,
  joined_on date NOT NULL
);
-- UPDATE and DELETE send only the replica identity, here the primary key: the filter can look at nothing else.
CREATE TABLE public.orders (
  region text NOT NULL,
  id     bigint NOT NULL,
  total  numeric(10, 2) NOT NULL,
  PRIMARY KEY (region, id)
);
INSERT INTO public.customers
SELECT i, 'Customer ' || i, 'customer' || i || '@example.com', (ARRAY['DE', 'US'])[1 + i % 2], date '2026-01-01' + i
  FROM generate_series(1, 100) AS i;
INSERT INTO public.orders SELECT (ARRAY['EU', 'US'])[1 + i % 2], i, i FROM generate_series(1, 1000) AS i;
ANALYZE public.customers, public.orders;
