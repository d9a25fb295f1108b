INSERT INTO public.orders VALUES (5, 1);
