CREATE TABLE public.log (at int, line text);
