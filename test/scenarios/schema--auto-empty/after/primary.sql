INSERT INTO public.customers (name) VALUES ('cyd');
INSERT INTO billing.invoices (customer, total) VALUES (3, 30);
UPDATE billing.invoices SET total = 11 WHERE id = 1;
DELETE FROM billing.invoices WHERE id = 2;
