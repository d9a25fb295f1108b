CREATE TABLE public.customers (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE public.orders (id int PRIMARY KEY, customer int NOT NULL REFERENCES public.customers);
CREATE TABLE public.payments (id int PRIMARY KEY, customer int NOT NULL REFERENCES public.customers) PARTITION BY RANGE (id);
CREATE TABLE public.payments_1 PARTITION OF public.payments FOR VALUES FROM (0) TO (10);
CREATE TABLE public.payments_2 PARTITION OF public.payments FOR VALUES FROM (10) TO (20);
