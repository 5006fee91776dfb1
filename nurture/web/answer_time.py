"""How long the answer to a signup takes: whole steps, whatever was done for it, so that no clock tells who is known."""

import time
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# Seconds. Longer than a signup takes on a machine that is not overloaded; what takes longer ends with the next step.
STEP = 0.1


def answered_in_steps(app: WSGIApplication) -> WSGIApplication:
    """The application, whose answers to a signup leave a whole number of steps after it began."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.monotonic()
        body = app(environ, start_response)
        if environ["PATH_INFO"] == "/signup":
            time.sleep(-(time.monotonic() - began) % STEP)
        return body

    return answer
