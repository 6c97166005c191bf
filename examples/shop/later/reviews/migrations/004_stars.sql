ALTER TABLE products ADD COLUMN stars numeric(2, 1) CHECK (stars BETWEEN 1 AND 5);

UPDATE products SET stars = 4.5 WHERE name = 'Apple tree';
