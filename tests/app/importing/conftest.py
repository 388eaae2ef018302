from tests.kit.logs import both, node, own_node

__all__ = ["both", "node", "own_node"]
