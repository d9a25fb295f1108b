CREATE TABLE public.orders (id int, customer text, total int, PRIMARY KEY (id, total));
INSERT INTO public.orders VALUES (1, 'ada', 10), (2, 'bob', 20), (3, 'cyd', 0);
