CREATE TABLE public.orders (id int, customer text, total int, PRIMARY KEY (id, total));
