ALTER TABLE products ADD COLUMN stock integer CHECK (stock >= 0);

UPDATE products SET stock = 12;
