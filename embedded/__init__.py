"""What makes Daybook run with nothing installed: an EventStoreDB-compatible node and a Valkey launcher.

Imports nothing else of Daybook: a team may use it alone to test its own EventStoreDB clients.

The node is three parts, each knowing the next only through a narrow interface:

    front (HTTP/2, gRPC framing) -- `call.Call` --> rules (what EventStoreDB answers) -- `storage.Log` --> SQLite
"""
