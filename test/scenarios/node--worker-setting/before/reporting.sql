CREATE TABLE public.orders (id int PRIMARY KEY, sizes text[]);
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET array_nulls = off', current_database()); END $$;
