"""A long line to a port of this machine: every byte takes a while each way. `line 2525 25 0.01` takes 10 ms."""

import asyncio
import contextlib
import sys
from collections.abc import Callable


class _Direction:
    """Hands on what it is given after the delay, in order; the end of it, too."""

    def __init__(self, delay: float, write: Callable[[bytes], None], end: Callable[[], None]) -> None:
        self._delay, self._write, self._end = delay, write, end
        self._loop = asyncio.get_running_loop()

    async def follow(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                self._loop.call_later(self._delay, self._write, data)
        self._loop.call_later(self._delay, self._end)


async def serve(near: int, far: int, delay: float) -> None:
    """Joins the two ports until it is ended."""

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", far)
        out = _Direction(delay, far_writer.write, far_writer.close)
        back = _Direction(delay, writer.write, writer.close)
        await asyncio.gather(out.follow(reader), back.follow(far_reader))

    server = await asyncio.start_server(join, "127.0.0.1", near, backlog=1000)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
