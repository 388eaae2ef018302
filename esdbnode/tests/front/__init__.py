"""Tests of the HTTP/2 front: through grpcio's clients, and frame by frame for what no library would send."""
