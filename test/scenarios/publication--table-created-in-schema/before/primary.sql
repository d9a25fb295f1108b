CREATE SCHEMA billing;
CREATE TABLE billing.invoices (id int PRIMARY KEY);
INSERT INTO billing.invoices VALUES (1);
