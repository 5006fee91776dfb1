"""The runtime of a process that lives for years: built once, and anew when config/ or templates/ have changed."""

import logging
import time
from collections.abc import Callable

from nurture.config.sources_digest import sources_digest
from nurture.domain.errors import NurtureError, StoreError
from nurture.runtime import Runtime

# Seconds between two looks at the files: a hundred mails a second need not look a hundred times.
LOOK_SECONDS = 1.0

log = logging.getLogger("nurture.current")


class Current:
    """Call it for the runtime; not made for several threads."""

    def __init__(self, build: Callable[[], Runtime]) -> None:
        self._build = build
        self._runtime: Runtime | None = None
        self._looked_at, self._refused = 0.0, ""

    def __call__(self) -> Runtime:
        """The runtime of the files as they are, or as they were when they could last be read."""
        if self._runtime is None:
            self._runtime = self._build()
        elif time.monotonic() - self._looked_at >= LOOK_SECONDS:
            self._runtime = self._followed(self._runtime)
        self._looked_at = time.monotonic()
        return self._runtime

    def _followed(self, runtime: Runtime) -> Runtime:
        digest = sources_digest(runtime.settings.home)
        if digest in {runtime.sources, self._refused}:
            return runtime
        try:
            fresh = self._build()
        except StoreError:
            # The files are not to blame: they are read at the next look.
            return runtime
        except NurtureError as error:
            self._refused = digest
            log.warning(
                "config/ or templates/ have changed and cannot be read, so what was read before holds: %s", error
            )
            return runtime
        runtime.transport.close()
        runtime.database.close()
        log.info("config/ or templates/ have changed and are read anew")
        return fresh
