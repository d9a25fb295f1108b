INSERT INTO public.orders VALUES (0, 'eve', 1), (5, 'eve', 50);
UPDATE public.orders SET total = 21 WHERE id = 2;
DELETE FROM public.orders WHERE id = 3;
