CREATE TABLE public.customers (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO public.customers VALUES (1, 'ada'), (2, 'bob');
CREATE TABLE public.orders (id serial PRIMARY KEY, customer int NOT NULL REFERENCES public.customers, total int NOT NULL);
CREATE INDEX orders_customer ON public.orders (customer);
INSERT INTO public.orders (customer, total) VALUES (1, 10), (2, 20), (2, 0);
