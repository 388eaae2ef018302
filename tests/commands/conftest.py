from tests.kit.logs import both, node

__all__ = ["both", "node"]
