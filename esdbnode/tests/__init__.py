"""Tests of the node: its HTTP/2 front, its rules, its storage, and the package itself."""
