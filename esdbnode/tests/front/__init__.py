"""Tests of the HTTP/2 front: through grpcio's clients, and frame by frame for bytes that no library would send."""
