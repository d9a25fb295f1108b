CREATE TABLE public.orders (id int PRIMARY KEY, customer text NOT NULL, total int NOT NULL);
CREATE TABLE public.refunds (id int PRIMARY KEY, order_id int NOT NULL);
