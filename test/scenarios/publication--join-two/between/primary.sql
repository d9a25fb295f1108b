INSERT INTO public.orders VALUES (7, 'gus', 70);
