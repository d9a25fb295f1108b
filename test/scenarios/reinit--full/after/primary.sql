INSERT INTO public.orders VALUES (4, 1);
UPDATE public.customers SET name = 'eve' WHERE id = 1;
