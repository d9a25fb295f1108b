CREATE TABLE public.notes (id int);
CREATE SCHEMA billing;
CREATE TABLE billing.invoices (id int PRIMARY KEY);
CREATE TABLE billing.lines (id int PRIMARY KEY);
