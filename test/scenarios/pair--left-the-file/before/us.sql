CREATE TABLE public.accounts (id int PRIMARY KEY, owner text NOT NULL, balance int NOT NULL);
CREATE TABLE public.orders (id int PRIMARY KEY, customer text NOT NULL, total int NOT NULL);
INSERT INTO public.accounts VALUES (1, 'ada', 100), (3, 'bob', 300);
INSERT INTO public.orders VALUES (1, 'ada', 10), (3, 'bob', 20), (5, 'cyd', 0);
