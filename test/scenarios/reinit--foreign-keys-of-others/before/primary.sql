CREATE TABLE public.customers (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO public.customers VALUES (1, 'ada'), (2, 'bob');
CREATE TABLE public.orders (id int PRIMARY KEY, customer int NOT NULL);
INSERT INTO public.orders VALUES (1, 1), (2, 2), (3, 2);
