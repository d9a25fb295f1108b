INSERT INTO public.orders VALUES (100, 'west', 1);
