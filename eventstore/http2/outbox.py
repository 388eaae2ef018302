"""Messages that wait to be sent, and how much of them the server accepts at the moment. Pure."""

from eventstore.http2 import frames
from eventstore.http2.frames import FIRST_WINDOW, FRAME_SIZE, LARGEST_FRAME_SIZE, LARGEST_WINDOW, STREAM


class Outbox:
    """Messages leave in the order in which they were put. A message that has not left yet can be taken back."""

    def __init__(self) -> None:
        self._messages: dict[int, bytes] = {}
        self._begun = b""
        """The rest of the message that a full window cut."""
        self._windows = {0: FIRST_WINDOW, STREAM: FIRST_WINDOW}
        """How many bytes the server accepts: of the connection (0), and of the stream."""
        self._first_window = FIRST_WINDOW
        self._frame_size = FRAME_SIZE

    def put(self, key: int, content: bytes) -> None:
        self._messages[key] = frames.message(content)

    def take_back(self, key: int) -> None:
        self._messages.pop(key, None)

    def adapt(self, settings: dict[int, int]) -> None:
        """To the server's settings. Raises ConnectionAbortedError."""
        first = settings.get(frames.INITIAL_WINDOW_SIZE, self._first_window)
        self._widen(STREAM, first - self._first_window)
        self._first_window = first
        self._frame_size = settings.get(frames.MAX_FRAME_SIZE, self._frame_size)
        if not FRAME_SIZE <= self._frame_size <= LARGEST_FRAME_SIZE:
            raise ConnectionAbortedError

    def widen(self, stream: int, by: int) -> None:
        """Raises ConnectionAbortedError."""
        if not by:
            raise ConnectionAbortedError
        self._widen(stream, by)

    def _widen(self, stream: int, by: int) -> None:
        if stream in self._windows:
            self._windows[stream] += by
            if self._windows[stream] > LARGEST_WINDOW:
                raise ConnectionAbortedError

    def take(self) -> bytes:
        """DATA frames with all that the server accepts now. At most one message is cut."""
        window = min(self._windows.values())
        if window <= 0:
            return b""
        pieces, left = [self._begun], window - len(self._begun)
        for key in tuple(self._messages):
            if left <= 0:
                break
            pieces.append(self._messages.pop(key))
            left -= len(pieces[-1])
        content = b"".join(pieces)
        sent, self._begun = content[:window], content[window:]
        for stream in self._windows:
            self._windows[stream] -= len(sent)
        return self._framed(sent)

    def _framed(self, content: bytes) -> bytes:
        size = self._frame_size
        pieces = [content[at : at + size] for at in range(0, len(content), size)]
        return b"".join(frames.frame(frames.DATA, 0, STREAM, piece) for piece in pieces)
