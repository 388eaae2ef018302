"""The log: one small port (`store`), its EventStoreDB adapter (`esdb`), one in memory (`memory`), the codec.
The sentences of its errors are in `messages`.

Only this package (and the embedded node) knows esdbclient.
"""
