CREATE TABLE public.orders (id int PRIMARY KEY, customer varchar(20), total int NOT NULL, old text);
CREATE INDEX own ON public.orders (customer);
