"""The write side. It knows no aggregate, apart from a thin typed front for each.

repository   load (cache, then the stream), fold, append with the expected revision
handler      decide, retry after a conflict, one effect per command id
turns        commands on one aggregate queue in this process instead of conflicting in the log
messages     the sentences of its errors
accounts     the front of the aggregate `account`
"""
