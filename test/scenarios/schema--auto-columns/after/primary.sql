INSERT INTO public.orders VALUES (5, 'eve', 50, 'x');
UPDATE public.orders SET total = 11 WHERE id = 1;
DELETE FROM public.orders WHERE id = 2;
