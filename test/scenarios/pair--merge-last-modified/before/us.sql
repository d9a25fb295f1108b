CREATE TABLE public.accounts (id int PRIMARY KEY, owner text NOT NULL UNIQUE, balance int NOT NULL, updated_at timestamptz NOT NULL);
INSERT INTO public.accounts VALUES
  (1, 'ada', 100, '2026-01-01'), (2, 'bob', 250, '2026-03-01'), (3, 'cyd', 310, '2026-02-01'), (4, 'us', 1, '2026-01-01');
