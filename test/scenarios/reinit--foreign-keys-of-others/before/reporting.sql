CREATE TABLE public.customers (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE public.orders (id int PRIMARY KEY, customer int NOT NULL REFERENCES public.customers);
CREATE TABLE public.notes (customer int NOT NULL CONSTRAINT notes_customer REFERENCES public.customers ON DELETE CASCADE DEFERRABLE);
SET session_replication_role = replica;
INSERT INTO public.notes VALUES (1);
RESET session_replication_role;
