"""Conversations with a real EventStoreDB 24.6.0 (one node), compared with this one.

A line of a .jsonl file is a conversation: its area, a name that states the rule, its steps, and what the real server
answered to each (but not to sleep and close).

    cases.jsonl    insecure, in memory
    system.jsonl   the same, with the system projections on
    users.jsonl    TLS; users admin:changeit (in $admins), ops:changeit (in $ops), plain:secret, other:secret

derived.jsonl is not recorded: what the real server would answer by its C# source (`source` says where), in insecure
memory. Where a recording says otherwise, the recording is right.

    names.py       what differs from server to server, and its name that does not: streams, ids, positions
    requests.py    a step -> the protobuf messages to send
    answers.py     what came back -> JSON, in those names
    player.py      one conversation on one channel
    stage.py       many conversations, each with a node to itself while it lasts
    comparing.py   where two answers differ, and the three things that may
"""
