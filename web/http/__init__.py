"""What every answer shares: errors, security, input, templates, the server. It knows no noun."""
