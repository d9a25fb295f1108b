-- Only the columns that are sent.
CREATE TABLE public.customers (
  id        bigint PRIMARY KEY,
  country   text NOT NULL,
  joined_on date NOT NULL
);
CREATE TABLE public.orders (
  region text NOT NULL,
  id     bigint NOT NULL,
  total  numeric(10, 2) NOT NULL,
  PRIMARY KEY (region, id)
);
