"""HTTP/2 and gRPC as a client of the log needs them, where grpcio costs too much (adr/0026, adr/0038).

frames.py    frames, and gRPC's messages in them; pure
fields.py    the header fields of a request, and what those of an answer mean
outbox.py    messages that wait to be sent, and how much the server accepts; pure
call.py      a connection that carries one call with messages in both directions
dialling.py  from an address to such a connection: TCP, a Unix socket, TLS
"""
