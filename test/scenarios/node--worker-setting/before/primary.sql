CREATE TABLE public.orders (id int PRIMARY KEY, sizes text[]);
INSERT INTO public.orders VALUES (1, ARRAY['s', NULL]);
