"""The log on disk: SQLite through apsw, one writer with group commit, readers beside it.

Knows streams, types, revisions, positions and bytes; nothing of gRPC or of EventStoreDB's answers.

    database.py   opening the file: lock, schema, connections
    writing.py    the one writer: a transaction shared by everyone who waits, acknowledged after its commit
    reading.py    queries on a read-only connection
    log.py        the three together, and the bell that wakes subscribers
"""
