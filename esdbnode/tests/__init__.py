"""Tests of the node: its front, its rules, its storage, and the package itself."""
