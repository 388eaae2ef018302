"""Live updates. Read hub.py first, then regions.py. It does not know the nouns: it gets the regions as an argument."""
