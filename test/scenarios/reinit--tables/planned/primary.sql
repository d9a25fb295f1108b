INSERT INTO public.customers VALUES (3, 'cyd');
INSERT INTO public.orders VALUES (4, 3, 40);
INSERT INTO public.refunds VALUES (3, 4);
