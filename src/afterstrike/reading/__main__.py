"""Prints the ledger of one document, to look at the reading by itself: python -m afterstrike.reading FILE."""

from __future__ import annotations

import argparse
import sys

from afterstrike.errors import AfterstrikeError
from afterstrike.reading import Ledger, read_document
from afterstrike.sources import open_source


def _print(ledger: Ledger) -> None:
    print(
        f"title: {ledger.title}  published: {ledger.published} ({ledger.published_from})  {ledger.language}"
    )
    for claim in ledger.claims:
        head = " [headline]" if claim.in_headline else ""
        print(
            f"{claim.id} {claim.kind}{head} | {claim.source or 'the author'} ({claim.source_kind})"
            f" | {claim.hedging} | cue={claim.cue}"
        )
        print(f"    {' '.join(claim.quote.split())}")
        for q in claim.quantities:
            marks = (
                " figure of speech" * q.figure_of_speech
                + " about" * q.approx
                + " running total" * q.cumulative
            )
            print(f"    # {q.text!r} = {q.value} [{q.low}, {q.high}] {q.unit} | {q.about}{marks}")
        for p in claim.places:
            print(f"    @ {p.text!r} -> {p.name} {p.lat} {p.lon} precision={p.geo_precision} {p.adm0}")
        for d in claim.dates:
            print(
                f"    % {d.text!r} -> {d.date_start} .. {d.date_end}"
                f" precision={d.date_precision} time={d.time}"
            )
        for a in claim.actors:
            print(f"    & {a.text!r} -> {a.name}")
    for note in ledger.notes:
        print(f"note: {note}")
    print("furniture:", [ledger.text[a:b][:50] for a, b in ledger.furniture])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m afterstrike.reading", description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--published")
    options = parser.parse_args()
    try:
        _print(read_document(open_source(options.file), published=options.published))
    except AfterstrikeError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
