CREATE TABLE public.items (id int PRIMARY KEY, price int, tax int GENERATED ALWAYS AS (price / 5) STORED);
INSERT INTO public.items VALUES (1, 100);
