CREATE SCHEMA billing;
CREATE TYPE billing.mood AS ENUM ('happy', 'sad');
CREATE DOMAIN billing.amount AS numeric(10,2) CHECK (value >= 0);
CREATE TABLE public.customers (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL DEFAULT 'none', mood billing.mood);
CREATE TABLE billing.invoices (id serial PRIMARY KEY, customer int NOT NULL REFERENCES public.customers, total billing.amount, twice numeric GENERATED ALWAYS AS (total * 2) STORED);
CREATE INDEX invoices_customer ON billing.invoices (customer);
CREATE TABLE billing.private (id int PRIMARY KEY);
INSERT INTO public.customers (name, mood) VALUES ('ada', 'happy'), ('bob', 'sad');
INSERT INTO billing.invoices (customer, total) VALUES (1, 10), (2, 20.5);
