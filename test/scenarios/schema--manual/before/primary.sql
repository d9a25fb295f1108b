CREATE TABLE public.orders (id int PRIMARY KEY, customer text NOT NULL, total int NOT NULL, price numeric(10,4), at timestamptz);
INSERT INTO public.orders VALUES (1, 'ada', 10), (2, 'bob', 20), (3, 'cyd', 0);
CREATE TABLE public.refunds (id int PRIMARY KEY, order_id int NOT NULL);
