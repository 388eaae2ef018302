"""A node that answers like EventStoreDB 24, with its log in a SQLite file or in memory. README.md says what differs.

Three parts; each uses the next one only through a narrow interface:

    front (HTTP/2, gRPC framing) -- `call.Call` --> rules (what EventStoreDB answers) -- `storage.Log` --> SQLite

    http2/          the front
    streams/        the rules of the Streams service
    storage/        the log
    security/       TLS, users and their rights
    service.py      which handler answers which RPC
    cluster.py      gossip of a cluster of one
    projections.py  the system projections
    node.py         one process that serves all of this
    unix_socket.py  a socket to listen on that other users cannot connect to
    commandline.py  the `esdbnode` command; its options are in options.py
    wording/        every sentence that a person can meet
    testing.py      a node for tests; pytest_plugin.py makes fixtures from it
"""
