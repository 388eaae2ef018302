"""The names of people in the memory of this process: the only place where they are in plain text.

index       words and names, searched by the beginning of any word
directory   keeps the index as the read model has it, and forgets those whose keys were destroyed
"""
