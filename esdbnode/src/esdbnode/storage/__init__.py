"""The log on disk: SQLite through apsw, one writer with group commit, and readers at the same time.

It knows streams, types, revisions, positions and bytes, but nothing of gRPC or of EventStoreDB's answers.

    database.py   opening the file: lock, schema, connections
    writing.py    the one writer: everyone who waits shares a transaction, and is answered after its commit
    transaction.py  what a write may do inside it: read, insert, take a position
    reading.py    queries on a read-only connection
    log.py        all of these together, and the bell that wakes subscribers
    wal.py        damage in the write-ahead log that SQLite does not report
    checking.py   is every event intact?
    backup.py     a copy of the log while it is in use
"""
