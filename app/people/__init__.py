"""`daybook user`: people from the command line, straight on the log, so that no projector and no web process is needed.

log       what the log says about people and their entries
acting    commands on people, and the answers of the verb
"""
