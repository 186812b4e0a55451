"""The program of an issuing desk: it lends its card reader and printer to the service, and holds no keys."""
