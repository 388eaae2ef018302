from tests.commands.bank import bank
from tests.kit.logs import both, node, own_node

__all__ = ["bank", "both", "node", "own_node"]
