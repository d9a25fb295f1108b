INSERT INTO public.orders (customer, total) VALUES (1, 30);
DELETE FROM public.orders WHERE id = 2;
