CREATE TABLE public.orders (id int PRIMARY KEY, customer text NOT NULL, total int NOT NULL);
INSERT INTO public.orders VALUES (11, 'eve', 10), (12, 'fay', 20);
