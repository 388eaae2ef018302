"""The speed of commands, each figure together with a peer or a limit in the same run. See docs/performance.md.

deposits.py   deposits over HTTP, with one and with two web processes; peer.py: the same by another library, in process
hot.py        many writers on one account
history.py    accounts with long histories and with short ones
latency.py    from a command to all live pages; bare.py: the bare parts of it
"""
