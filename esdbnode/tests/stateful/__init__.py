"""Random histories, played on a real node by two clients and on a model in memory: every answer is compared."""
