"""Tests: rules as sentences. Real parts wherever one can run."""
