ALTER TABLE products ADD COLUMN wished boolean NOT NULL DEFAULT false;
