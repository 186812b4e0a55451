"""The DCI social registry interface (SPDCI v1.0.0) as a subscriber speaks it: messages, signatures, records, asking."""
