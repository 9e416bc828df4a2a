"""`python -m afterstrike` is `afterstrike`."""

from __future__ import annotations

import sys

from afterstrike.cli import main

sys.exit(main())
