"""The log: one small port (`store`), its EventStoreDB adapter (`esdb`), one in memory (`memory`), the codec.
The sentences of its errors are in `messages`.

Only this package (and the embedded node) knows esdbclient.
"""

import os

os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "false"
"""Before gRPC is loaded: what it does in a forked child waits for threads that the child does not have."""
