"""Logs to standard error, one structured line each; never a message's text, a file's content or a secret."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path


class OneLine(logging.Formatter):
    """A JSON object a line. Of an exception its type and where it was raised: its words may quote what people wrote."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "where": record.name,
            "what": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["trace"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(line, ensure_ascii=False)


def begin(file: Path | None = None) -> None:
    """To standard error; or to a file, where a terminal interface has standard error for itself."""
    handler = logging.StreamHandler(sys.stderr) if file is None else logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(OneLine())
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for name in ("nio", "slack_bolt", "slack_sdk"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what it cannot read, it quotes
