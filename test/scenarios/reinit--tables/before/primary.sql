CREATE TABLE public.customers (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO public.customers VALUES (1, 'ada'), (2, 'bob');
CREATE TABLE public.orders (id int PRIMARY KEY, customer int NOT NULL, total int NOT NULL);
INSERT INTO public.orders VALUES (1, 1, 10), (2, 2, 20), (3, 2, 0);
CREATE TABLE public.refunds (id serial PRIMARY KEY, order_id int NOT NULL);
INSERT INTO public.refunds VALUES (1, 1), (2, 2);
