"""Many independent repeats: on this machine's processors, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from ..errors import UsageError

__all__ = ["in_parallel"]

Item = TypeVar("Item")
Made = TypeVar("Made")


def in_parallel(
    call: Callable[[Item], Made],
    items: Iterable[Item],
    *,
    jobs: int = 1,
    threads: bool = False,
    cluster: str | None = None,
) -> list[Made]:
    """Call once for each item and give the results in order.

    Parameters
    ----------
    call, items
        A function that can be pickled, and what it is called with. Randomness must come from the item, so
        that results do not depend on where they were made.
    jobs
        Processes on this machine; -1 is all processors.
    threads
        Threads in place of processes: for compiled calls that let others run, which then share their memory.
    cluster
        Address of a Dask scheduler, as `"tcp://127.0.0.1:8786"`; then `jobs` does not count. Its workers need
        afterstrike installed. None: this machine.

    Raises
    ------
    UsageError
        `jobs` is no whole number from 1 (or -1), Dask is not installed, or the scheduler does not answer.
    """
    if isinstance(jobs, bool) or not isinstance(jobs, int) or (jobs < 1 and jobs != -1):
        raise UsageError(f"jobs={jobs!r}; allowed whole numbers from 1, or -1 for all processors")
    if cluster is not None and not isinstance(cluster, str):
        raise UsageError(f"cluster={cluster!r}; allowed an address, as 'tcp://127.0.0.1:8786', or None")
    given = list(items)
    if cluster is not None:
        return _on_cluster(call, given, cluster)
    if jobs == 1 or len(given) < 2:
        return [call(item) for item in given]
    from joblib import Parallel, delayed, parallel_config

    if threads:
        with parallel_config("threading", n_jobs=jobs):
            return list(Parallel()(delayed(call)(item) for item in given))
    # Each process has one processor to itself.
    with parallel_config("loky", n_jobs=jobs, inner_max_num_threads=1):
        return list(Parallel()(delayed(call)(item) for item in given))


ANSWER_WITHIN = "10s"
"""How long a scheduler may take to answer."""


def _on_cluster(call: Callable[[Item], Made], items: list[Item], address: str) -> list[Made]:
    try:
        from distributed import Client
    except ImportError:
        raise UsageError(
            "cluster=... needs Dask, which is not installed; install afterstrike[cluster], or leave it out"
        ) from None
    try:
        client: Any = Client(address, timeout=ANSWER_WITHIN)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as problem:
        raise UsageError(
            f"cluster={address!r} does not answer ({type(problem).__name__}); allowed the address of a "
            "running Dask scheduler, as tcp://127.0.0.1:8786"
        ) from None
    # Not by joblib's own backend: there, a call that a worker cannot read waits for ever.
    with client:
        made: list[Made] = client.gather(client.map(call, items, pure=False))
    return made
