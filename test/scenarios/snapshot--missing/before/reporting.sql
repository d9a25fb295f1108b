CREATE TABLE public.customers (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE public.orders (id serial PRIMARY KEY, customer int NOT NULL REFERENCES public.customers, total int NOT NULL);
CREATE INDEX orders_customer ON public.orders (customer);
