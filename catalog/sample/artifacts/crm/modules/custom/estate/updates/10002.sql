CREATE TABLE estate_receipt (
  id INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY,
  contact_id INTEGER NOT NULL,
  amount DECIMAL(12, 2) NOT NULL,
  issued DATE NOT NULL
);
INSERT INTO estate_receipt (contact_id, amount, issued) VALUES (1, 25.00, '2026-11-01');
