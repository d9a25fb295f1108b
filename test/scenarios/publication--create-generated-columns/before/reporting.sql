CREATE TABLE public.items (id int PRIMARY KEY, price int, tax int);
