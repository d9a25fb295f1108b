CREATE TABLE public.orders (id bigint PRIMARY KEY, customer text NOT NULL, price numeric(8,2), at timestamptz(0));
