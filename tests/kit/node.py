"""A real node for tests, as the node's own package starts it."""

from pathlib import Path

from esdbnode.testing import Node, start_node

__all__ = ["PROJECT", "Node", "start_node"]

PROJECT = Path(__file__).resolve().parents[2]
