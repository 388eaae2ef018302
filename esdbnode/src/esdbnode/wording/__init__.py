"""Every sentence of the node that a person can meet: the list to review when wording changes.

    startup.py   the command line, and what keeps a node from starting: options, port, TLS, the users file
    datafile.py  the data file: opening it, writing to it, damage, backups
    calls.py     refusals of calls, and log lines about calls
    faults.py    violations of HTTP/2, sent to the client before its connection is closed
    protocol.py  texts that are fixed by EventStoreDB and gRPC: clients parse them

A message with placeholders is a function. Its caller formats everything apart from text and numbers.
"""
