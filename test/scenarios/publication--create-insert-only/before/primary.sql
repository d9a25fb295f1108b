CREATE TABLE public.log (at int, line text);
INSERT INTO public.log VALUES (1, 'a'), (2, 'b');
