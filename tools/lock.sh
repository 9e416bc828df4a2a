#!/usr/bin/env bash
# Writes the lock files anew: versions and hashes, no addresses.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() { uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate "$@"; }
printf 'uv\n' | compile - -o requirements/bootstrap.lock
# hatchling and editables are in the run lock because hash mode cannot fetch a build environment for the project itself.
printf 'hatchling\neditables\n' | compile pyproject.toml - -o requirements/run.lock
compile pyproject.toml --group dev -c requirements/run.lock -o requirements/dev.lock
