INSERT INTO billing.invoices VALUES (2);
DELETE FROM billing.invoices WHERE id = 1;
