INSERT INTO public.orders VALUES (4, 1);
