INSERT INTO public.orders (customer, total) VALUES (2, 11);
