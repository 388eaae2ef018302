"""The log: one small port (`store`), its EventStoreDB adapter (`esdb`), an in-memory one (`memory`), the codec.

Only this package (and the embedded node) knows esdbclient.
"""
