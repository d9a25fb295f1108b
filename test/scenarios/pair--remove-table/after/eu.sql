INSERT INTO public.orders VALUES (100, 'eve', 1);
