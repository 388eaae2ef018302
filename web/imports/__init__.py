"""Imports of bank files: their pages, and the same in the API."""
