ALTER TABLE public.orders ADD COLUMN note text DEFAULT 'none', DROP COLUMN old, ALTER COLUMN customer TYPE text, ALTER COLUMN total TYPE bigint;
INSERT INTO public.orders VALUES (4, 'dan', 40, 'sent before the subscriber can take it');
