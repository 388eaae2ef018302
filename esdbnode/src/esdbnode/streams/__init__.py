"""The Streams service, which answers like EventStoreDB. Each rule is in one place:

revisions.py      expected revisions, and the decision on a write: append, retry, wrong version, deleted
appending.py      Append: one request, one answer
batching.py       BatchAppend: many appends on one call, each with a correlation id
batch_answers.py  the messages that answer them; answering.py sends them
deleting.py       Delete ($tb in the metadata) and Tombstone ($streamDeleted)
metadata.py       $maxCount, $maxAge, $tb: which events of a stream are visible
reading.py        Read: which kind of read a request asks for, pages of a stream and of $all
subscribing.py    Read as a subscription: catch-up, checkpoints, caught-up, live
filters.py        $all filtered by stream name or event type
links.py          `$>` events resolved to the events that they point at
proposals.py      proposed events: what they need, how they are stored
encoding.py       the bytes of a ReadResp, and of the answer to a successful append
errors.py         refusals with the status, text and trailers that clients parse
"""
