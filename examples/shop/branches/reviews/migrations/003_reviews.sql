CREATE TABLE reviews (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  product bigint NOT NULL REFERENCES products,
  text text NOT NULL
);

ALTER TABLE products ADD COLUMN reviews integer NOT NULL DEFAULT 0;
