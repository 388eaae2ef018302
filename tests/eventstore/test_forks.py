"""A process that reads the log may fork: gRPC does nothing in the child, where its threads are missing."""

import subprocess
import sys

from app.processes.children import child_environment
from tests.kit.node import Node

FORKS = """
import subprocess, sys, threading
from eventstore.esdb import EsdbLog

for _ in range(4):
    subscription = EsdbLog(sys.argv[1]).subscribe(prefixes=["account-"], after=None)
    begun = threading.Event()
    threading.Thread(target=lambda s=subscription: [begun.set() for _ in s], daemon=True).start()
    begun.wait()
for _ in range(50):
    subprocess.run(["true"], preexec_fn=lambda: None)
print("all ended", flush=True)
"""


def test_children_that_are_forked_while_the_log_is_read_begin_and_end(node: Node) -> None:
    environment = {name: value for name, value in child_environment().items() if not name.startswith("GRPC_")}
    done = subprocess.run(
        [sys.executable, "-P", "-c", FORKS + "import os; os._exit(0)", node.uri],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
    )
    assert done.stdout == "all ended\n", done.stderr
