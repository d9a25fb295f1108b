INSERT INTO billing.invoices VALUES (2);
INSERT INTO billing.lines VALUES (1);
DELETE FROM billing.invoices WHERE id = 1;
