"""The same thing done by several threads that begin together."""

import threading
from collections.abc import Callable
from typing import TypeVar

ResultT = TypeVar("ResultT")


def at_once(do: Callable[[int], ResultT], times: int) -> list[ResultT]:
    """Return what `do` returns for 0 to `times` - 1, all begun at one moment.

    Raises:
        Exception: the first one that came out of `do`.
    """
    start = threading.Barrier(times)
    found: dict[int, ResultT] = {}
    raised: list[BaseException] = []

    def work(number: int) -> None:
        start.wait()
        try:
            found[number] = do(number)
        except BaseException as error:
            raised.append(error)

    threads = [
        threading.Thread(target=work, args=(number,), name=f"at once {number}", daemon=True)
        for number in range(times)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]
    return [found[number] for number in range(times)]
