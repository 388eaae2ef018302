"""Daybook in a browser: a real Chromium with a complete Daybook."""
