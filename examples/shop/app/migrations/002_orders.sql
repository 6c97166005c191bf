CREATE TABLE orders (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  product bigint NOT NULL REFERENCES products,
  quantity integer NOT NULL CHECK (quantity > 0)
);

INSERT INTO orders (product, quantity) SELECT id, 1 FROM products;
