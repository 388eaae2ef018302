"""The write side. It knows no aggregate, apart from a thin typed front for each.

repository   load (cache, snapshot, stream), fold, append with the expected revision
cache        folded states in memory, bounded in bytes
snapshots    folded states as blobs, for a cache outside the process
archive      reads and writes snapshots, and never lets a command wait long for one
deciding     commands decided on a state
handler      decide, retry after a conflict, one effect per command id
turns        commands on one aggregate queue in this process instead of conflicting in the log
watching     hears what other programs do to streams, and what other web processes append to them
relay        hands that over to the event loop
messages     the sentences of its errors
accounts     the front of the aggregate `account`
users        the front of the aggregate `user`: seals personal data
holding      accounts that somebody holds: opened and closed over two streams
"""
