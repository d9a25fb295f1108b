CREATE TABLE public.orders (id int PRIMARY KEY, customer varchar(20), total int NOT NULL, old text);
INSERT INTO public.orders VALUES (1, 'ada', 10), (2, 'bob', 20), (3, 'cyd', 0);
