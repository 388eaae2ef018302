"""The read side: pure `project(recorded) -> writes`, one runner, the commit script, rebuild, queries.

Only this package knows redis; others are handed a client.
"""
