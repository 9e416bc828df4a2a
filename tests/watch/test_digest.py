"""The digest: what it says, what it must not say, and that it goes out once."""

from __future__ import annotations

import json
import re
import shutil
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from afterstrike.watch import DigestConfig, SmtpConfig
from afterstrike.watch._quote import Quotes

from .conftest import HIT, HIT_AR, Town, version

NAME = "Zzyxqor"
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\u202e"


def made(town: Town, digest: DigestConfig) -> tuple[str, dict[str, Any]]:
    """The last digest's page and twin."""
    name = sorted(path.stem for path in digest.folder.glob("*.html"))[-1]
    page = (digest.folder / f"{name}.html").read_text(encoding="utf-8")
    return page, json.loads((digest.folder / f"{name}.json").read_bytes())


def test_new_changed_contested_and_taken_back_each_in_their_place(town: Town, digest: DigestConfig) -> None:
    first = town.add(0, version(HIT, "Desk one."))
    town.add(1, version(HIT.replace("nine", "twenty"), "Another desk altogether writes this."))
    watch = town.watch(digest=digest, places=("Syria",), recheck_hours=(2, 20))
    watch.once()
    assert not digest.folder.exists()  # six o'clock has not come
    town.pass_hours(7)
    watch.once()
    page, twin = made(town, digest)
    (one,) = twin["harm"]["shown"]
    assert (
        one["rivals"] == "how many were killed: from 9 to 20"
        and twin["contested"]["n"] == 1
        and one["is_of_interest"]
    )
    assert {t["outlet"] for t in one["tellings"]} == {"Outlet 0", "Outlet 1"}
    for telling in one["tellings"]:  # every number leads to a report, its address and its bytes
        assert telling["address"].startswith("http") and len(telling["sha256"]) == 64
        assert telling["address"] in page and telling["sha256"][:12] in page
        assert "civilians" in telling["quote"] and "Raqqa" in telling["quote"]
    first.gone = 8.0
    town.add(2, version(HIT_AR.replace("تسعة", "خمسة"), "تحرير ثالث.", hour=8.0))
    town.pass_hours(24)
    watch.once()
    page, twin = made(town, digest)
    assert twin["harm"]["n"] == 0 and len(list(digest.folder.glob("*.html"))) == 2
    told = {(d["what"], d["after"]) for card in twin["changed"]["shown"] for d in card["differences"]}
    assert ("civilians killed", "5 to 20") in told and ("reports", 2) not in told
    assert not twin["removed"]  # the incident lost its first report, and goes on
    assert [c["what"] for c in twin["corrections"]] == ["taken back"] and 'dir="auto"' in page
    town.pass_hours(1)
    watch.once()
    assert len(list(digest.folder.glob("*.html"))) == 2


def test_no_name_no_headline_and_nothing_that_runs(town: Town, digest: DigestConfig) -> None:
    text = f"Teacher {NAME} Qwvblat and nine civilians were killed when an airstrike hit the market of Raqqa, Syria, on Monday."
    town.add(0, version(text, f"{EVIL} desk one.", head=f"{NAME} killed {EVIL}"))
    text = "قُتل المعلم زكزكز وتسعة مدنيين بغارة جوية على سوق في مدينة حلب السورية، الاثنين."
    town.add(2, version(text, "تحرير.", head="مقتل زكزكز"))
    source = replace(town.config.sources[0], outlet=f"Outlet {EVIL}", licence=EVIL)
    watch = town.watch(digest=digest, sources=(source, *town.config.sources[1:]))
    watch.once()
    town.pass_hours(7)
    watch.once()
    page, twin = made(town, digest)
    whole = page + json.dumps(twin, ensure_ascii=False)
    assert twin["harm"]["n"] == 2
    assert NAME not in whole and "Qwvblat" not in whole and "زكزكز" not in whole
    assert "<script" not in page and "<img" not in page and "&lt;script&gt;" in page
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy and "default-src &#39;none&#39;" in policy[1] and "script-src" not in policy[1]
    assert not re.search(r'\b(?:src|srcset|@import|url\()\s*=?\s*["\'(]?https?:', page)


def test_a_digest_killed_while_it_is_written_is_made_again_under_its_name(
    town: Town, digest: DigestConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.add(0, version(HIT, "Desk one."))
    watch = town.watch(digest=digest)
    watch.once()
    town.pass_hours(7)
    import afterstrike.watch._digest as module

    def killed(_: Any) -> None:
        raise SystemExit("killed between files and record")

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(module, "transaction", killed)
        watch.once()
    assert len(list(digest.folder.glob("*.html"))) == 1 and not town.server.posted
    watch.once()
    assert len(list(digest.folder.glob("*.html"))) == 1 and len(town.server.posted) == 1


def test_a_hook_that_refuses_is_tried_again_and_gets_it_once(
    town: Town, digest: DigestConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERSTRIKE_WEBHOOK_TOKEN", "s3cret")
    watch = town.watch(digest=digest)
    watch.once()
    town.server.is_refusing_posts = True
    town.pass_hours(7)
    (done,) = watch.once()
    assert "answered 503" in done.problems[0] and "will be tried again" in done.problems[0]
    watch.once()  # too soon to try again
    assert town.rows("SELECT tries FROM watch_deliveries") == [(1,)]
    town.server.is_refusing_posts = False
    for _ in range(3):
        town.pass_hours(1)
        watch.once()
    assert len(town.server.posted) == 1 and town.server.posted[0]["authorization"] == "Bearer s3cret"
    everything = str(town.rows("FROM watch_deliveries")) + "".join(
        p.read_text() for p in digest.folder.iterdir()
    )
    assert "s3cret" not in everything


def test_where_nobody_can_know_it_is_sent_again_under_the_same_key(
    town: Town, digest: DigestConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = town.watch(digest=digest)
    watch.once()
    town.pass_hours(7)
    import afterstrike.watch._send as module

    real = module.send_webhook

    def killed(config: Any, row: Any) -> None:
        real(config, row)
        raise SystemExit("killed after sending")

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setitem(module._CHANNELS, "webhook", killed)
        watch.once()
    watch.once()
    keys = [post["idempotency-key"] for post in town.server.posted]
    assert len(keys) == 2 and len(set(keys)) == 1
    ((state, detail),) = town.rows("SELECT state, detail FROM watch_deliveries")
    assert state == "sent" and "not known whether" in detail


def test_a_hook_in_a_private_network_is_refused_unless_it_is_named(town: Town, digest: DigestConfig) -> None:
    town.add(0, version(HIT, "Desk one."))
    watch = town.watch(digest=digest)
    watch.once()
    town.pass_hours(7)
    (done,) = town.watch(digest=digest, allow_private=()).once()
    assert any("private network" in problem for problem in done.problems) and not town.server.posted


class Mailbox(socketserver.StreamRequestHandler):
    """As much of an SMTP server as takes a mail."""

    def handle(self) -> None:
        def say(line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        say("220 mail.example")
        box: Any = self.server
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "EHLO":
                say("250-mail.example")
                say("250 SIZE 10000000")
            elif verb == "MAIL" and box.is_refusing:
                say("451 try later")
            elif verb == "DATA":
                say("354 go on")
                parts = []
                while (part := self.rfile.readline()) != b".\r\n":
                    parts.append(part)
                box.mails.append(b"".join(parts))
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("250 fine")


@pytest.fixture
def mailbox() -> Iterator[Any]:
    server: Any = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox)
    server.mails, server.is_refusing, server.daemon_threads = [], False, True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_mail_carries_the_page_and_is_sent_once(town: Town, mailbox: Any) -> None:
    from email import message_from_bytes
    from email.policy import default

    town.add(0, version(HIT, "Desk one."))
    smtp = SmtpConfig(
        "127.0.0.1", "watch@desk.example", ("desk@desk.example",), mailbox.server_address[1], "none"
    )
    digest = DigestConfig(town.folder / "digests", "06:00", None, smtp)
    watch = town.watch(digest=digest)
    watch.once()
    mailbox.is_refusing = True
    town.pass_hours(7)
    (done,) = watch.once()
    assert "451" in done.problems[0] and not mailbox.mails
    mailbox.is_refusing = False
    for _ in range(3):
        town.pass_hours(1)
        watch.once()
    (raw,) = mailbox.mails
    mail = message_from_bytes(raw, policy=default)
    assert mail["To"] == "desk@desk.example" and mail["Message-ID"].endswith("@desk.example>")
    assert "1 new incident of harm" in mail.get_body(("plain",)).get_content()
    assert "What sources reported" in mail.get_body(("html",)).get_content()
    assert [part.get_filename() for part in mail.iter_attachments()] == ["digest-2026-03-02-0600.html"]


def test_a_user_without_a_password_and_a_server_without_tls_are_refused(
    town: Town, mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AFTERSTRIKE_SMTP_PASSWORD", raising=False)
    for user, security, words in (
        ("me", "none", "AFTERSTRIKE_SMTP_PASSWORD"),
        (None, "starttls", "STARTTLS"),
    ):
        smtp = SmtpConfig(
            "127.0.0.1", "w@d.example", ("d@d.example",), mailbox.server_address[1], security, user
        )  # type: ignore[arg-type]
        watch = town.watch(digest=DigestConfig(town.folder / f"d-{security}", "06:00", None, smtp))
        watch.once()
        town.pass_hours(24)
        problems = [problem for done in watch.once() for problem in done.problems]
        assert any(words in problem for problem in problems), problems
    assert not mailbox.mails


def test_a_folder_that_cannot_be_written_stops_nothing(town: Town) -> None:
    (town.folder / "digests").write_text("a file")
    town.add(0, version(HIT, "Desk one."))
    watch = town.watch(digest=DigestConfig(town.folder / "digests"))
    watch.once()
    town.pass_hours(7)
    (done,) = watch.once()
    assert "BriefError" in done.problems[0] and done.digest is None
    (town.folder / "digests").unlink()
    town.pass_hours(1)
    (done,) = watch.once()
    assert done.digest == "digest-2026-03-02-0600.html"


@pytest.mark.parametrize(
    "text",
    [
        "Ahmad Zzyxqor, 34, and his two sons were killed when a strike hit their home in Raqqa, Syria, on Monday.",
        "The strike killed Mary Zzyxqor, a mother of three, and wounded John Zzyxqor in Aleppo, Syria on Monday.",
        "Three members of the Zzyxqor family were killed in a strike on Idlib, Syria, on Monday.",
        "An airstrike killed nine Syrian civilians and the boy Omar Zzyxqor in Idlib, Syria, on Monday.",
        "An airstrike in Idlib, Syria, on Monday killed two civilians, Omar Zzyxqor and Mary Zzyxqor, medics said.",
        "In Idlib, Syria, on Monday a strike killed three young Zzyxqor children.",
        "Journalist Salma Zzyxqor was killed by shelling in Aleppo, Syria on Monday.",
        "استشهد الطفل محمد زكزكز وأصيب والده زكزكز بغارة على مدينة إدلب السورية، الاثنين.",
        "قتل المواطن زكزكز حسن وزوجته في قصف على مدينة حلب السورية، الاثنين.",
        "قُتل المعلم زكزكز وتسعة مدنيين بغارة جوية على سوق في مدينة حلب السورية، الاثنين.",
        "مقتل ثلاثة من عائلة زكزكز بغارة على الرقة السورية، الاثنين.",
        "مقتل المدنيين محمد زكزكز وأحمد زكزكز بغارة على الرقة السورية، الاثنين.",
    ],
)
def test_a_quote_names_nobody(text: str, tmp_path: Path) -> None:
    from afterstrike.reading import read_batch
    from afterstrike.sources import Archive

    archive = Archive(tmp_path)
    kept = archive.put(text.encode(), address="https://a.example/", final_address="https://a.example/", status=200,
                       headers={}, retrieved_at="2026-01-01T00:00:00+00:00")  # fmt: skip
    (line,) = read_batch([{"id": 1, "text": text, "published": "2024-05-08"}], candidates=False)
    assert line["events"]
    for event in line["events"]:
        quote = Quotes(archive).of(kept.sha256, kept.sha256, event)
        assert quote and NAME not in quote and "زكزكز" not in quote
    assert Quotes(archive).of(kept.sha256, "0" * 64, line["events"][0]) is None  # not the text that was read


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that this process trusts."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here to make a certificate with")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj",
         "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    return key, cert


@pytest.mark.parametrize("is_trusted", [True, False])
def test_mail_over_tls_checks_who_the_server_is(
    town: Town,
    mailbox: Any,
    certificate: tuple[Path, Path],
    is_trusted: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1], certificate[0])
    mailbox.socket = context.wrap_socket(mailbox.socket, server_side=True)
    if not is_trusted:
        monkeypatch.delenv("SSL_CERT_FILE")
    smtp = SmtpConfig("127.0.0.1", "w@d.example", ("d@d.example",), mailbox.server_address[1], "tls")
    watch = town.watch(digest=DigestConfig(town.folder / "digests", "06:00", None, smtp))
    watch.once()
    town.pass_hours(7)
    (done,) = watch.once()
    assert len(mailbox.mails) == int(is_trusted)
    assert bool(done.problems) is not is_trusted and ("certificate" in str(done.problems)) is not is_trusted
