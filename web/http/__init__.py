"""What every answer shares: errors, security, input, templates, the server. It does not know the nouns."""
