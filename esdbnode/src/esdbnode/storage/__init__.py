"""The log on disk: SQLite through apsw, one writer with group commit, and readers at the same time.

It deals with streams, types, revisions, positions and bytes. It does not know gRPC or EventStoreDB's answers.

    database.py   opening the file: lock, schema, connections
    writing.py    the one writer: all waiting writes share a transaction, and are answered after its commit
    transaction.py  the operations of a write: read, insert, take a position
    reading.py    queries on a read-only connection
    log.py        all of these together, and the signal that wakes subscribers
    wal.py        damage in the write-ahead log that SQLite does not report
    checking.py   is every event intact?
    backup.py     a copy of the log while it is in use
"""
