"""Random histories, played by two clients on a real node, and on a model in memory. Every answer is compared."""
