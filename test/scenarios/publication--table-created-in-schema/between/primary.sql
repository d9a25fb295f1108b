CREATE TABLE billing.lines (id int PRIMARY KEY);
INSERT INTO billing.lines VALUES (1);
