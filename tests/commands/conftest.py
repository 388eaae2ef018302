from tests.commands.bank import bank
from tests.commands.people import keys
from tests.kit.logs import both, node, own_node

__all__ = ["bank", "both", "keys", "node", "own_node"]
