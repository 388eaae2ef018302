"""The HTTP surface, sentence by sentence: a real server, Valkey and projector over a log in memory."""
