"""Long work in processes of its own: a few at a time, each for a limited time, with its state for all to see."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from ._problem import Problem

__all__ = ["Job", "Jobs"]

State = Literal["waiting", "running", "done", "refused", "failed", "stopped"]
MOST_KEPT = 100  # finished jobs that are remembered
MOST_OUTPUT = 20_000  # characters of a job's own words


@dataclass
class Job:
    """One brief or effect that is being made, or was."""

    number: str
    task: str
    title: str
    spec: dict[str, Any] = field(repr=False)
    keep: Callable[[Path], str] = field(
        repr=False
    )  # takes the finished folder in; gives where it can be seen
    state: State = "waiting"
    stage: str = ""
    said: str = ""
    see: str | None = None
    asked_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    ended_at: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give what visitors see of it."""
        names = ("number", "task", "title", "state", "stage", "said", "see", "asked_at", "ended_at")
        return {name: getattr(self, name) for name in names} | {"is_over": self.ended_at is not None}


class Jobs:
    """Runs jobs; every one in a process of its own that is ended when its time is up.

    Parameters
    ----------
    at_once, waiting : int
        Jobs that run at the same time, and that may wait; more are refused.
    seconds : float
        Longest time of one job.
    """

    def __init__(self, at_once: int, waiting: int, seconds: float) -> None:
        self._most_waiting, self._seconds = waiting, seconds
        self._turn = threading.Semaphore(at_once)
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._is_stopping = False

    def all(self, task: str | None = None) -> list[Job]:
        """Give the jobs, newest first."""
        with self._lock:
            found = [job for job in self._jobs.values() if task in (None, job.task)]
        return found[::-1]

    def job(self, number: str) -> Job:
        """Give one job.

        Raises
        ------
        Problem
            404, where there is none of that number (any more).
        """
        with self._lock:
            found = self._jobs.get(number)
        if found is None:
            raise Problem(404, f"no job {number[:40]!r}", "", "finished jobs are kept until the server stops")
        return found

    def begin(
        self, task: str, title: str, spec: dict[str, Any], keep: Callable[[Path], str], files: dict[str, Path]
    ) -> Job:
        """Put a job in the queue.

        Parameters
        ----------
        task : str
            Name of the work; see `_worker`.
        title : str
            What visitors see.
        spec : dict
            What the work is told.
        keep : callable
            Called with the folder the work wrote, when it is done.
        files : dict
            Files that are put beside the work, by the name they get there.

        Returns
        -------
        Job

        Raises
        ------
        Problem
            503, where too many wait.
        """
        folder = Path(tempfile.mkdtemp(prefix="afterstrike-job-"))
        job = Job(secrets.token_hex(8), task, title, spec, keep)
        try:
            for name, path in files.items():
                _put(path, folder / name)
            with self._lock:
                waiting = sum(one.state == "waiting" for one in self._jobs.values())
                if waiting >= self._most_waiting or self._is_stopping:
                    raise Problem(
                        503, f"{waiting} jobs wait already", f"{self._most_waiting}", "try again later"
                    )
                self._jobs[job.number] = job
                self._forget()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        threading.Thread(target=self._run, args=(job, folder), name=f"job {job.number}", daemon=True).start()
        return job

    def _forget(self) -> None:
        over = [job.number for job in self._jobs.values() if job.ended_at]
        for number in over[: max(0, len(over) - MOST_KEPT)]:
            del self._jobs[number]

    def _run(self, job: Job, folder: Path) -> None:
        try:
            with self._turn:
                if not self._is_stopping:
                    self._work(job, folder)
                else:
                    job.state, job.said = "stopped", "the server stopped"
        except Exception as problem:  # whatever happens, a job ends in a state that can be read
            job.state, job.said = "failed", f"it could not be run: {problem}"[:MOST_OUTPUT]
        finally:
            job.ended_at = datetime.now(UTC).isoformat(timespec="seconds")
            shutil.rmtree(folder, ignore_errors=True)

    def _work(self, job: Job, folder: Path) -> None:
        job.state = "running"
        (folder / "spec.json").write_text(json.dumps({"task": job.task, **job.spec}), encoding="utf-8")
        (folder / "result").mkdir()
        process = subprocess.Popen(
            [sys.executable, "-m", "afterstrike.web._worker", str(folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
            errors="replace", start_new_session=True, env=_environment(),
        )  # fmt: skip
        with self._lock:
            self._processes[job.number] = process
            if self._is_stopping:
                _end(process)  # it was not among those that `stop` ended
        timer = threading.Timer(self._seconds, _end, [process])
        timer.start()
        last: dict[str, Any] = {}
        try:
            assert process.stdout is not None
            for line in process.stdout:
                with suppress(ValueError):
                    told = json.loads(line[:MOST_OUTPUT])
                    last = told if isinstance(told, dict) else {}
                    job.stage = str(last.get("stage", job.stage))[:200]
            process.wait()
        finally:
            is_late = not timer.is_alive()
            timer.cancel()
            _end(process)  # nothing it began outlives it
            with self._lock:
                del self._processes[job.number]
        if last.get("state") == "done" and process.returncode == 0:
            job.see = job.keep(folder / "result")
            job.state, job.said = "done", str(last.get("said", ""))
        elif last.get("state") == "refused":
            job.state, job.said = "refused", str(last.get("said", ""))
        elif self._is_stopping:
            job.state, job.said = "stopped", "the server stopped"
        elif is_late:
            job.state = "stopped"
            job.said = f"it took longer than {self._seconds:g} s; run it on the command line, or give less"
        else:
            job.state, job.said = (
                "failed",
                str(last.get("said") or f"its process ended with status {process.returncode}"),
            )

    def stop(self) -> None:
        """End all jobs."""
        with self._lock:
            self._is_stopping = True
            running = list(self._processes.values())
        for process in running:
            _end(process)


def _put(path: Path, where: Path) -> None:
    """Put a file in another folder: the same file under a second name where the disk can do so."""
    try:
        os.link(path, where)
    except OSError:
        shutil.copyfile(path, where)


def _end(process: subprocess.Popen[str]) -> None:
    """End a process and what it began; it has a process group of its own."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _environment() -> dict[str, str]:
    """Give the process what it needs to run, but no secret that is in ours."""
    secret = ("TOKEN", "KEY", "PASSWORD", "SECRET", "USERNAME", "EMAIL")
    return {name: value for name, value in os.environ.items() if not name.upper().endswith(secret)}
