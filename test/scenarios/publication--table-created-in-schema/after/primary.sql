INSERT INTO billing.lines VALUES (2);
