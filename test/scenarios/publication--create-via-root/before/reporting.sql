CREATE TABLE public.events (id int, day date, PRIMARY KEY (id, day));
