INSERT INTO public.events VALUES (3, '2026-07-01');
UPDATE public.events SET id = 4 WHERE id = 1;
DELETE FROM public.events WHERE id = 2;
