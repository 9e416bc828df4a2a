"""A watch in a process of its own, in simulated time; it may be killed.

watch_child.py CONFIG CLOCK UNTIL_SECONDS ROUND_SECONDS
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from afterstrike.watch import Watch, load_watch
from watch_server import SimClock


def main() -> None:
    clock = SimClock(Path(sys.argv[2]))
    until = float(sys.argv[3])

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if clock.seconds >= until:
            watch.stop()

    watch = Watch(
        load_watch(sys.argv[1]), now=clock.now, sleep=sleep, clock=lambda: clock.seconds, seed=1, timeout_seconds=0.4,
        round_seconds=float(sys.argv[4]),
        log=lambda line: print(line, flush=True),
    )  # fmt: skip
    signal.signal(signal.SIGTERM, lambda *_: watch.stop())
    print("watching", flush=True)
    watch.run()
    print("ended", flush=True)


if __name__ == "__main__":
    main()
