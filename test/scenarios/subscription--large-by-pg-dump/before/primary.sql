CREATE TABLE public.orders (id int PRIMARY KEY, customer text NOT NULL, total int NOT NULL);
INSERT INTO public.orders VALUES (1, 'ada', 10), (2, 'bob', 20), (3, 'cyd', 0);
CREATE TABLE public.notes (id int PRIMARY KEY, note text);
INSERT INTO public.notes VALUES (1, 'sent'), (2, NULL), (3, 'kept');
CREATE TABLE public.empty (id int PRIMARY KEY);
