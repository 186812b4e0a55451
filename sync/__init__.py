"""How a main social system tells a concession system what became true of whom: message, order, mapping, sending."""
