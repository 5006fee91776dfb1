"""Connections on their way: each is opened by a thread of its own, because names, TLS and greetings are waited for."""

import threading
import time
from collections import deque
from collections.abc import Callable

from nurture.transport.conversation import Conversation

# Seconds until a relay that would not have a connection is asked for one again.
PAUSE_SECONDS = 5.0

Opened = Conversation | OSError | UnicodeError


class Openings:
    """Connections that are being opened; `ring` is called whenever one is there, or will not be."""

    def __init__(self, connect: Callable[[], Conversation], ring: Callable[[], None]) -> None:
        self._connect, self._ring = connect, ring
        self._done: deque[Opened] = deque()
        self._not_before = 0.0
        self._is_closed = False
        self.under_way = 0

    def open(self, count: int) -> None:
        """So many more are on their way, unless the relay has just refused one."""
        if time.monotonic() >= self._not_before:
            for _ in range(count):
                self.under_way += 1
                threading.Thread(target=self._open, name="opening", daemon=True).start()

    def take(self) -> list[Opened]:
        """What has come of those that were under way: a connection, or why there is none."""
        done = [self._done.popleft() for _ in range(len(self._done))]
        self.under_way -= len(done)
        if any(not isinstance(each, Conversation) for each in done):
            self._not_before = time.monotonic() + PAUSE_SECONDS
        return done

    def close(self) -> None:
        """None is open, nor will be."""
        self._is_closed = True
        for each in self.take():
            if isinstance(each, Conversation):
                each.close()

    def _open(self) -> None:
        try:
            self._done.append(self._connect())
        except (OSError, UnicodeError) as error:
            self._done.append(error)
        except Exception as error:
            # Whatever nobody foresaw is no connection either.
            self._done.append(OSError(str(error) or type(error).__name__))
        if self._is_closed:
            self.close()
        self._ring()
