"""The process that computes aside: reads a name and its values, answers what that function makes of them."""

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
WORKER_NICENESS: Final = 5  # people's clicks come first


@dataclass(frozen=True, slots=True)
class WorkerAnswer:
    """What the function answered, or what it raised."""

    value: Any = None
    error: Exception | None = None

    def value_or_raise(self) -> Any:  # noqa: ANN401 - whatever the function answered
        if self.error is not None:
            raise self.error
        return self.value


def frame_message(content: bytes) -> bytes:
    return LENGTH_HEADER.pack(len(content)) + content


def work() -> None:
    """Until whoever asks is gone. What a library prints goes to stderr, not between two answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    os.nice(WORKER_NICENESS)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    asked: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_read_requests, args=(asked,), daemon=True).start()
    while True:
        answers.write(frame_message(_answer_request(asked.get())))
        answers.flush()


def _read_requests(asked: SimpleQueue[bytes]) -> None:
    """Ends the process with its questions, also in the middle of one: a killed Baton leaves nobody behind."""
    while head := sys.stdin.buffer.read(LENGTH_HEADER.size):
        asked.put(sys.stdin.buffer.read(*LENGTH_HEADER.unpack(head)))
    os._exit(0)


def _answer_request(question: bytes) -> bytes:
    try:
        name, values = pickle.loads(question)
        return pickle.dumps(WorkerAnswer(import_function(name)(*values)))
    except Exception as error:  # whatever it is, it is raised where the question was asked
        return pickle.dumps(WorkerAnswer(error=_picklable_error(error)))


def _picklable_error(error: Exception) -> Exception:
    """The error with where it happened, in a form that survives the way."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # an error with a constructor of its own, or with something in it that stays here
        kind = Refused if isinstance(error, Refused) else RuntimeError
        return kind(str(error)) if kind is Refused else kind(f"{type(error).__name__}: {error}")
    return error


if __name__ == "__main__":
    work()
