from tests.kit.logs import node

__all__ = ["node"]
