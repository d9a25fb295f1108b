INSERT INTO public.orders VALUES (100, 'eve', 1);
UPDATE public.accounts SET balance = 301 WHERE id = 3;
