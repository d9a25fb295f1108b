INSERT INTO public.customers VALUES (3, 'cyd');
INSERT INTO public.orders (customer, total) VALUES (3, 40);
