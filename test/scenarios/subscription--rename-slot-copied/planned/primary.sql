INSERT INTO public.orders VALUES (8, 'hal', 80);
