CREATE PUBLICATION sales FOR TABLE public.orders;
