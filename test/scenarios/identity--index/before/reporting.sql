CREATE TABLE public.log (at int NOT NULL, line text NOT NULL);
CREATE UNIQUE INDEX log_at ON public.log (at);
ALTER TABLE public.log REPLICA IDENTITY USING INDEX log_at;
