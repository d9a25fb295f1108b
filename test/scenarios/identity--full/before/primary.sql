CREATE TABLE public.log (at int NOT NULL, line text NOT NULL);
CREATE UNIQUE INDEX log_at ON public.log (at);
INSERT INTO public.log VALUES (1, 'a'), (2, 'b');
