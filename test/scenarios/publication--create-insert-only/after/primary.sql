INSERT INTO public.log VALUES (3, 'c');
