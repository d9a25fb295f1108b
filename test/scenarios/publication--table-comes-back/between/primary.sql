ALTER PUBLICATION sales DROP TABLE public.refunds;
INSERT INTO public.refunds VALUES (3, 3);
