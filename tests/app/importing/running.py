"""`daybook import` on a node, as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Sequence

from tests.kit.node import PROJECT, Node


def start(
    node: Node, *arguments: object, stderr: int = subprocess.PIPE, by: Sequence[str] = ()
) -> "subprocess.Popen[str]":
    environment = os.environ | {"DAYBOOK_ESDB_URI": node.uri, "DAYBOOK_REDIS_URL": "redis://127.0.0.1:1"}
    return subprocess.Popen(
        [*by, sys.executable, "-m", "app", "import", *map(str, arguments)],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


def run(node: Node, *arguments: object) -> tuple[int, str, str]:
    with start(node, *arguments) as process:
        out, err = process.communicate(timeout=60)
    return process.returncode, out, err
