"""Tests of the embedded node: its front, its rules, its storage."""
