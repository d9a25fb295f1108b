INSERT INTO public.orders VALUES (4, 'dan', 40);
UPDATE public.orders SET total = 11 WHERE id = 1;
DELETE FROM public.orders WHERE id = 2;
INSERT INTO public.refunds VALUES (3, 3);
UPDATE public.refunds SET order_id = 4 WHERE id = 1;
DELETE FROM public.refunds WHERE id = 2;
