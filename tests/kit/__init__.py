"""What tests share: given/when/then, contexts, servers."""
