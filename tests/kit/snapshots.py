"""Snapshots in memory, which a test can damage or lose."""


class MemorySnapshots:
    """The port `Snapshots`. With `failure` set, each call raises it."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.gets = 0
        self.puts = 0
        self.failure: Exception | None = None

    async def get(self, key: str) -> bytes | None:
        self.gets += 1
        self._fail()
        return self.blobs.get(key)

    async def put(self, key: str, blob: bytes) -> None:
        self.puts += 1
        self._fail()
        self.blobs[key] = blob

    async def close(self) -> None:
        pass

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure
