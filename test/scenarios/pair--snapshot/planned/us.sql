INSERT INTO public.orders VALUES (9, 'fay', 90);
