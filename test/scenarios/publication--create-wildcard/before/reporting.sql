CREATE TABLE public.orders (id int PRIMARY KEY, customer text NOT NULL, total int NOT NULL);
CREATE SCHEMA billing;
CREATE TABLE billing.invoices (id int PRIMARY KEY);
