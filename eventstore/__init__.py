"""The log: one small port (`store`), its EventStoreDB adapter (`esdb`), one in memory (`memory`), the codec.

Only this package (and the embedded node) knows esdbclient.
"""
