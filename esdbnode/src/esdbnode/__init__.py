"""A node that answers as EventStoreDB 24 does, over a SQLite file or in memory. README.md says how far.

Three parts, each of which knows the next one through a narrow interface only:

    front (HTTP/2, gRPC framing) -- `call.Call` --> rules (what EventStoreDB answers) -- `storage.Log` --> SQLite

    http2/          the front
    streams/        the rules of the Streams service
    storage/        the log
    doors/          TLS, users and their rights
    service.py      which handler answers which RPC
    cluster.py      gossip of a cluster of one
    projections.py  the system projections
    node.py         one process that serves all of this
    commandline.py  the `esdbnode` command; its options are in options.py
    testing.py      a node for tests; pytest_plugin.py makes fixtures of it
"""
