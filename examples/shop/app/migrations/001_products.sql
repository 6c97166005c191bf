CREATE TABLE products (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  name text NOT NULL UNIQUE,
  price numeric(8, 2) NOT NULL CHECK (price >= 0)
);

INSERT INTO products (name, price) VALUES ('Apple tree', 24.90), ('Pruning saw', 17.50);
