# SPDX-License-Identifier: MIT OR Apache-2.0
"""A process of `assay bulk - --out -` that stays: names in, rows out, in their order."""

import collections
import json
import os
import subprocess
import tempfile
from types import TracebackType
from typing import IO, Any, Deque, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, Type, Union

#: A picture: a path, a URL such as s3://BUCKET/KEY, or its bytes.
Picture = Union[str, bytes]

#: Exit status of a wrong use or configuration; starting again does not help.
_USAGE = 2


class ExaminerError(RuntimeError):
    """`assay` cannot be started or cannot examine anything; its own words are in the message."""


class _Ended(Exception):
    """The process is gone, and a picture may be why."""


class Examiner:
    """Examines pictures in a process of its own, which is started now and stays.

    A process that a picture ends is started again and the picture tried once more; then its row says so.
    """

    def __init__(
        self,
        program: str = "assay",
        *,
        config: Optional[str] = None,
        policy: str = "default",
        models: Optional[Sequence[str]] = None,
        metadata: bool = True,
        jobs: int = 1,
    ) -> None:
        """`jobs` is how many pictures are examined at once; the rest is as for `assay analyze`."""
        command = [program]
        if config is not None:
            command += ["--config", config]
        command += ["bulk", "-", "--out", "-", "--policy", policy, "--jobs", str(jobs)]
        if models is not None:
            command += ["--models", ",".join(models)]
        if not metadata:
            command.append("--no-metadata")
        self._command = command
        self._ahead = 4 * jobs
        self._process: Optional["subprocess.Popen[bytes]"] = None
        self._said: Optional[IO[bytes]] = None
        self._columns: List[str] = []
        self._start()
        # What is no picture has a row too.
        self._columns = list(next(self.rows([b""])))

    def rows(self, pictures: Iterable[Picture]) -> Iterator[Dict[str, Any]]:
        """The rows of pictures, in their order. `source` is the path or URL, and null where bytes were given."""
        waiting: Deque[Tuple[Picture, str]] = collections.deque()
        pictures = iter(pictures)
        has_more = True
        with tempfile.TemporaryDirectory(prefix="assay-", dir=_memory()) as folder:
            number = 0
            while has_more or waiting:
                while has_more and len(waiting) < self._ahead:
                    try:
                        picture = next(pictures)
                    except StopIteration:
                        has_more = False
                        break
                    number += 1
                    waiting.append((picture, _named(picture, folder, number)))
                    self._ask(waiting)
                if waiting:
                    row = self._answer(waiting)
                    picture, name = waiting.popleft()
                    if not isinstance(picture, str):
                        row["source"] = None
                        os.unlink(name)
                    yield row

    @property
    def columns(self) -> List[str]:
        """The names of the columns, in their order."""
        return self._columns

    def close(self) -> None:
        """Ends the process."""
        process, self._process = self._process, None
        if process is not None:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except BrokenPipeError:
                        pass
            process.terminate()
            process.wait()
        if self._said is not None:
            self._said.close()
            self._said = None

    def __enter__(self) -> "Examiner":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_process", None) is not None:
            self.close()

    def _start(self) -> None:
        self.close()
        self._said = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
            )
        except OSError as error:
            self.close()
            raise ExaminerError(f"{self._command[0]} cannot be started: {error}") from error

    def _ask(self, waiting: Deque[Tuple[Picture, str]]) -> None:
        """Sends the last name; a process that is gone is noticed when the answer is read."""
        try:
            self._send(waiting[-1][1])
        except BrokenPipeError:
            pass

    def _send(self, name: str) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(os.fsencode(name) + b"\n")
        self._process.stdin.flush()

    def _answer(self, waiting: Deque[Tuple[Picture, str]]) -> Dict[str, Any]:
        """The row of the first that waits."""
        try:
            return self._read()
        except _Ended:
            pass
        # By itself, so that none of the others is blamed.
        self._start()
        first = waiting[0][1]
        try:
            self._send(first)
            row = self._read()
        except (_Ended, BrokenPipeError) as error:
            self._start()
            row = self._failed(first, error)
        for _, name in list(waiting)[1:]:
            self._send(name)
        return row

    def _read(self) -> Dict[str, Any]:
        assert self._process is not None and self._process.stdout is not None
        line = self._process.stdout.readline()
        if line.endswith(b"\n"):
            row: Dict[str, Any] = json.loads(line)
            return row
        status = self._process.wait()
        said = self._words()
        if status == _USAGE:
            raise ExaminerError(said or f"{self._command[0]} ended with status {status}")
        raise _Ended(f"the process that examined it ended with status {status}: {said}")

    def _words(self) -> str:
        if self._said is None:
            return ""
        self._said.seek(0)
        return self._said.read().decode("utf-8", "replace").strip()

    def _failed(self, source: str, error: Exception) -> Dict[str, Any]:
        if not self._columns:
            raise ExaminerError(str(error))
        row: Dict[str, Any] = dict.fromkeys(self._columns)
        row.update(
            source=source, status="failed", error_code="INTERNAL_ERROR", error_message=str(error)
        )
        return row


def _named(picture: Picture, folder: str, number: int) -> str:
    """The line that names a picture; bytes become a file."""
    if isinstance(picture, str):
        if "\n" in picture or "\r" in picture:
            raise ValueError("a path with a line break cannot be passed on; pass the bytes instead")
        return picture
    path = os.path.join(folder, str(number))
    with open(path, "wb") as file:
        file.write(picture)
    return path


def _memory() -> Optional[str]:
    """A folder in memory, where there is one."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
