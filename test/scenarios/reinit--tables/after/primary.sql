INSERT INTO public.customers VALUES (4, 'dan');
UPDATE public.orders SET total = total + 1;
DELETE FROM public.refunds WHERE id = 1;
