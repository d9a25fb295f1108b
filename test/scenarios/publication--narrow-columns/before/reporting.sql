CREATE TABLE public.orders (id int PRIMARY KEY, customer text, total int);
