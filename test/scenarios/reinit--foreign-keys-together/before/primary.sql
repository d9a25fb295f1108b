CREATE TABLE public.customers (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO public.customers VALUES (1, 'ada'), (2, 'bob');
CREATE TABLE public.orders (id int PRIMARY KEY, customer int NOT NULL);
INSERT INTO public.orders VALUES (1, 1), (2, 2), (3, 2);
CREATE TABLE public.payments (id int PRIMARY KEY, customer int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE public.payments_1 PARTITION OF public.payments FOR VALUES FROM (0) TO (10);
CREATE TABLE public.payments_2 PARTITION OF public.payments FOR VALUES FROM (10) TO (20);
INSERT INTO public.payments VALUES (1, 1), (11, 2);
