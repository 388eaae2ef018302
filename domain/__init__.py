"""What may happen: events, states, decide, evolve, money, errors. No I/O, no clock, no ids of its own."""
