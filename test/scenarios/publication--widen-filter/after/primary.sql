INSERT INTO public.orders VALUES (5, 'eve', 50);
UPDATE public.orders SET total = 21 WHERE id = 2;
