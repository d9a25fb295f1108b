CREATE TABLE public.orders (id int PRIMARY KEY, customer text NOT NULL, total int NOT NULL);
CREATE TABLE public.notes (id int PRIMARY KEY, note text);
CREATE TABLE public.empty (id int PRIMARY KEY);
