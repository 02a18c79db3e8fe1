"""The worker process: reads the name of a function and its arguments, answers with the result."""

import os
import pickle
import signal
import struct
import sys
import traceback
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final

from rules.errors import Refused
from services.background import import_function

LENGTH_HEADER: Final = struct.Struct("!Q")
WORKER_NICENESS: Final = 5  # requests from Slack come first


@dataclass(frozen=True, slots=True)
class WorkerAnswer:
    value: Any = None
    error: Exception | None = None

    def value_or_raise(self) -> Any:  # noqa: ANN401 - whatever the function returned
        if self.error is not None:
            raise self.error
        return self.value


def frame_message(content: bytes) -> bytes:
    return LENGTH_HEADER.pack(len(content)) + content


def answer_requests() -> None:
    """Runs until the parent process ends. What libraries print goes to stderr, not between two answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent process
    os.nice(WORKER_NICENESS)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_read_requests, args=(requests,), daemon=True).start()
    while True:
        answers.write(frame_message(_answer_request(requests.get())))
        answers.flush()


def _read_requests(requests: SimpleQueue[bytes]) -> None:
    """Ends this process when its input ends, even during a computation: a killed Baton leaves no process behind."""
    try:
        while head := sys.stdin.buffer.read(LENGTH_HEADER.size):
            requests.put(sys.stdin.buffer.read(*LENGTH_HEADER.unpack(head)))
    finally:
        os._exit(0)


def _answer_request(request: bytes) -> bytes:
    try:
        name, values = pickle.loads(request)
        return pickle.dumps(WorkerAnswer(import_function(name)(*values)))
    except Exception as error:  # whatever it is, it is raised again in the parent process
        return pickle.dumps(WorkerAnswer(error=_picklable_error(error)))


def _picklable_error(error: Exception) -> Exception:
    """The error with its traceback as a note; one that cannot be pickled becomes a DeskError or RuntimeError."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # its constructor takes other arguments, or it holds a value that cannot be pickled
        kind = Refused if isinstance(error, Refused) else RuntimeError
        return kind(str(error)) if kind is Refused else kind(f"{type(error).__name__}: {error}")
    return error


if __name__ == "__main__":
    answer_requests()
