"""What a person in front of a browser sees: a real Chromium on the whole thing."""
