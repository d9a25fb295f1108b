CREATE TABLE public.orders (id int PRIMARY KEY, customer text NOT NULL, total int NOT NULL);
INSERT INTO public.orders VALUES (1, 'ada', 10), (2, 'bob', 20), (3, 'cyd', 0);
CREATE TABLE public.refunds (id int PRIMARY KEY, order_id int NOT NULL);
INSERT INTO public.refunds VALUES (1, 1), (2, 2);
