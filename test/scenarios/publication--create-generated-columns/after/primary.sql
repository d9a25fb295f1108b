INSERT INTO public.items VALUES (2, 50);
UPDATE public.items SET price = 10 WHERE id = 1;
