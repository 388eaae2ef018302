"""The read side. Only this package uses redis; others are given a client.

engine/       runner, commit script, generations, rebuild, change feed: knows no read model
readmodels/   one module each: what is projected, and its queries
audit/        the books that the read models are compared with
messages      the sentences of its errors, warnings and differences
"""
