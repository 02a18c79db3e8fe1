"""Logs: one line per event, and no secret in any of them."""

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from typing import Final, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

OWN_PACKAGES: Final = frozenset({"rules", "storage", "services", "handlers", "bot"})
REDACTED: Final = "[hidden]"

# These log noise below a warning, or print what people wrote to Slack.
_QUIET_LOGGERS: Final = ("alembic", "apscheduler", "asyncio", "uvicorn", "slack_bolt.RequestVerification")

# Bolt warns because it finds SLACK_BOT_TOKEN in the environment too, which is intended.
_EXPECTED_WARNING: Final = re.compile(r"token.* will be (?:unused|ignored)")

_SECRET_NAMES: Final = re.compile(
    r"token|secret|password|authorization|signature|cookie|response_url|trigger_id|e_?mail|body|payload|blocks", re.I
)
_SECRET_VALUES: Final = re.compile(
    r"""xox[a-z](?:\.xox[a-z])?-[\w.%-]+                  # tokens of bots and people, refreshing ones too
      | xapp-[\w-]+                                       # app-level tokens
      | \bv0=[0-9a-f]{16,}                                # signatures of requests
      | https?://hooks\.[^\s"'<>)}\]]+                    # response URLs
      | \b(?:bearer|basic)\s+[\w.~+/=-]{8,}               # authorization headers
      | (?<=://)[^\s/:@]*:[^\s/@]+(?=@)                   # the user and password in an address
      | \b\d{6,}\.\d{6,}\.[0-9a-f]{16,}                   # trigger ids
      | (?<=[?&]ticket=)[^\s"'&]+                         # the key in a Socket Mode address
      | (?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+          # e-mail addresses, looked for where a word begins
    """,
    re.I | re.X,
)
_NAMED_SECRETS: Final = re.compile(
    r"""((?:token|secret|password|signature|authorization|cookie|response_url|trigger_id|e-?mail)["']?\s*[:=]\s*)
        (?!\[hidden\])(?:"[^"]*"|'[^']*'|[^\s,;&)}\]]+)""",
    re.I | re.X,
)
_NAMED_CONTENT: Final = re.compile(r"""(\b(?:body|payload|blocks)["']?\s*[:=]\s*).+""", re.I | re.S)


def configure_logging(level: str = "INFO", form: str = "console", *, stream: TextIO | None = None) -> None:
    """Sets up the whole process. DEBUG counts for Baton's own packages, never for Slack's."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_make_formatter(form, tracebacks=level == "DEBUG"))
    handler.addFilter(_is_wanted)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Bolt's loggers copy the root's level when the app is made.
    root.setLevel(max(logging.INFO, logging.getLevelNamesMapping()[level]))
    for name in OWN_PACKAGES:
        logging.getLogger(name).setLevel(level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.PositionalArgumentsFormatter(),
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def redact_secrets(text: str) -> str:
    without_secrets = _NAMED_SECRETS.sub(rf"\1{REDACTED}", _SECRET_VALUES.sub(REDACTED, text))
    return _NAMED_CONTENT.sub(rf"\1{REDACTED}", without_secrets)


def _is_wanted(record: logging.LogRecord) -> bool:
    if any(record.name == name or record.name.startswith(f"{name}.") for name in _QUIET_LOGGERS):
        return record.levelno >= logging.WARNING
    package = record.name.partition(".")[0]
    if package == "slack_bolt" and _EXPECTED_WARNING.search(record.getMessage()):
        return False
    return record.levelno >= logging.INFO or package in OWN_PACKAGES


def _make_formatter(form: str, *, tracebacks: bool) -> logging.Formatter:
    render: list[Processor] = [_render_json] if form == "json" else [_ConsoleRenderer(tracebacks)]
    return ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(), _keep_first_line],
        processors=[
            structlog.stdlib.add_log_level,
            _add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_error_fields),
            ProcessorFormatter.remove_processors_meta,
            _redact_event,
            *render,
        ],
    )


def _keep_first_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


def _add_logger_name(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["logger"] = event["_record"].name
    return event


def _error_fields(exc_info: ExcInfo) -> dict[str, str]:
    kind, error, trace = exc_info
    frames = traceback.extract_tb(trace)
    place = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    lines = traceback.format_exception(kind, error, trace)
    return {"error": f"{kind.__name__}: {error}{place}", "traceback": "".join(lines)}


def _redact_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {name: _redacted_value(name, value) for name, value in event.items()}


def _redacted_value(name: str, value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if _SECRET_NAMES.search(name):
        return REDACTED
    if isinstance(value, Mapping):
        return {str(key): _redacted_value(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted_value(name, inner) for inner in value]
    return redact_secrets(str(value))


class _ConsoleRenderer:
    def __init__(self, tracebacks: bool) -> None:
        self._tracebacks = tracebacks

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> str:
        at, level, message = event.pop("timestamp"), event.pop("level"), event.pop("event")
        error = event.pop("exception", None) or {}
        event.pop("logger")
        details = [f"{name}={_format_value(value)}" for name, value in event.items()]
        errors = [_as_one_line(error["error"])] if error else []
        line = " ".join([at, f"{level.upper():7}", _as_one_line(str(message)), *details, *errors])
        return f"{line}\n{error['traceback'].rstrip()}" if error and self._tracebacks else line


def _format_value(value: object) -> str:
    text = str(value)
    return text if re.fullmatch(r"[\w.:/@#\[\]-]+", text) else repr(text)


def _as_one_line(text: str) -> str:
    """Text from outside cannot begin a line of its own or colour the terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


_render_json: Final[Processor] = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
