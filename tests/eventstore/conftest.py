from tests.kit.logs import both, empty, node, own_node

__all__ = ["both", "empty", "node", "own_node"]
