INSERT INTO public.log VALUES (3, 'c');
UPDATE public.log SET line = 'A' WHERE at = 1;
DELETE FROM public.log WHERE at = 2;
