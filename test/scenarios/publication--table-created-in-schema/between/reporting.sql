CREATE TABLE billing.lines (id int PRIMARY KEY);
