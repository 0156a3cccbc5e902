"""The command line: ``python -m server`` serves; ``python -m server lookup bluesky alice.bsky.social`` prints a report."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import click

from server.errors import RapportError
from server.settings import Settings, read_settings

ORPHANED_SECONDS = 0.5
"""So often a server process looks whether the one that started it is still there."""


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Rapport: is an account worth following? Without a command, the service is started."""
    if context.invoked_subcommand is None:
        context.invoke(serve)


@main.command()
def serve() -> None:
    """Serve the API and the pages."""
    settings = _settings()
    _check_start(settings)
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    click.echo(welcome(settings))
    Granian(
        "server.__main__:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=4,
        backpressure=256,
        log_enabled=True,
        log_access=False,
        log_level=LogLevels.warning,
    ).serve()


def application() -> object:
    """The WSGI application with the settings of the environment: what the server process loads."""
    from server.app import create_app
    from server.logs import set_up_logs

    settings = read_settings()
    set_up_logs(settings.log_level)
    _end_with_parent()
    return create_app(settings)


def _end_with_parent() -> None:
    """Have this server process end when the process that started it is gone, however it went.

    One that was killed cannot take its worker along, which would go on answering at the same port beside the next one.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(ORPHANED_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


@main.command()
@click.argument("network")
@click.argument("handle")
@click.option("--study/--glance", default=True, help="Also read threads and the people who engaged (up to 30 calls).")
@click.option("--json", "as_json", is_flag=True, help="The report as the API gives it.")
def lookup(network: str, handle: str, study: bool, as_json: bool) -> None:
    """Print the report of one account."""
    from server.terminal import print_report

    settings = _settings()
    try:
        from server.app import create_app

        service = create_app(settings, work=False).extensions["rapport"]
        handle = (
            service.lookup.networks[network].canonical_handle(handle) if network in service.lookup.networks else handle
        )
        answer = service.lookup.report(network, handle)
        if answer.report is None or answer.report["stale"] or (study and answer.report["depth"] == "glance"):
            service.lookup.gather(network, handle, study)
            answer = service.lookup.report(network, handle)
    except RapportError as problem:
        raise SystemExit(str(problem)) from None
    if answer.report is None:
        raise SystemExit(answer.detail)
    print_report(answer.report, as_json)


@main.command()
@click.option("--dry-run", is_flag=True, help="Only say what would change; write nothing.")
def rescore(dry_run: bool) -> None:
    """Score history again after the formula changed, and say what changed.

    Earlier scores stay beside the new ones. May be broken off and started again at any time.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from server.rescore import rescore as score_all
    from server.rescore import summary

    settings = _settings()
    try:
        from server.app import create_app

        repository = create_app(settings, work=False).extensions["rapport"].repository
        tally = score_all(repository, lambda line: click.echo(line, err=True), keep=not dry_run)
    except RapportError as problem:
        raise SystemExit(str(problem)) from None
    except SQLAlchemyError as problem:
        raise SystemExit(
            f"The database could not be used ({getattr(problem, 'orig', None) or type(problem).__name__}). What was scored until "
            "now is kept; start the same command again to go on."
        ) from None
    for line in summary(tally, keep=not dry_run):
        click.echo(line)


@main.group()
def topics() -> None:
    """Names for hashtags: what a topic is called, and what it is part of."""


@topics.command("load")
@click.argument("folder", type=click.Path(path_type=Path))
def load_topics(folder: Path) -> None:
    """Load Klout's topics of 2018 (klout_topic_*.csv, CC BY 3.0) from FOLDER. They serve from the next start on, for reports made then."""
    from server import ontology

    settings = _settings()
    try:
        loaded = ontology.read_folder(folder)
        path = ontology.write(loaded, settings.data_folder)
    except RapportError as problem:
        raise SystemExit(str(problem)) from None
    click.echo(f"{len(loaded):,} topics, spelt as {len(loaded.by_tag):,} hashtags, are in {path}.")
    click.echo(f"{ontology.ATTRIBUTION}. If the service runs, start it again.")


@topics.command("forget")
def forget_topics() -> None:
    """Delete what was loaded; hashtags stand for themselves again."""
    from server import ontology

    try:
        was_there = ontology.forget(_settings().data_folder)
    except RapportError as problem:
        raise SystemExit(str(problem)) from None
    click.echo(
        "The topics are deleted. If the service runs, start it again." if was_there else "No topics were loaded."
    )


def welcome(settings: Settings) -> str:
    """What is printed at the start: where to look, and how to load the extension."""
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    folder = settings.extension_folder
    return "\n".join(
        (
            f"Rapport serves on http://{shown}:{settings.port}  (stop: Ctrl-C)",
            "",
            "Load the extension:",
            f"  Chrome, Chromium, Edge: open chrome://extensions, switch on Developer mode, Load unpacked: {folder / 'chrome'}",
            f"  Firefox: open about:debugging#/runtime/this-firefox, Load Temporary Add-on: {folder / 'firefox' / 'manifest.json'}",
            "",
            f"Kept in {settings.data_folder}",
        )
    )


def _settings() -> Settings:
    try:
        return read_settings()
    except RapportError as problem:
        raise SystemExit(str(problem)) from None


def _check_start(settings: Settings) -> None:
    """Say in one sentence what would stop the server, before it is started."""
    import socket

    from server import ontology
    from server.api.sites_file import SitesFile
    from server.store.database import open_database

    try:
        SitesFile(settings.sites_file)
        open_database(settings.database).dispose()
        ontology.read(settings.data_folder)
    except RapportError as problem:
        raise SystemExit(str(problem)) from None
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as problem:
            raise SystemExit(
                f"Port {settings.port} on {settings.host} cannot be used ({problem.strerror}). "
                "Stop what uses it, or set RAPPORT_PORT to another one."
            ) from None


if __name__ == "__main__":
    sys.exit(main(prog_name="rapport"))
