"""The HTTP interface: a real server, Valkey and projector over a log in memory."""
