"""The command line: ``python -m server`` serves; ``python -m server lookup bluesky alice.bsky.social`` prints a report."""

from __future__ import annotations

import atexit
import logging
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.errors import RapportError
from server.settings import Settings, read_settings
from server.threads import MOST_STREAMS, ORDINARY_THREADS

if TYPE_CHECKING:
    from server.scoring.formula import Formula

RESPAWN_SECONDS = 0.5
"""After so long a new server process stands in for one that was killed."""
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
    if settings.web_processes > 1:
        # First of all: how it is counted is settled when the counters are made.
        _count_together()
    _check_start(settings)
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    click.echo(welcome(settings))
    logging.getLogger("_granian").addFilter(_is_news)
    Granian(
        "server.__main__:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_processes,
        # Of one process an end is the end of the service, and whoever started it is told; of several the others answer meanwhile.
        respawn_failed_workers=settings.web_processes > 1,
        respawn_interval=RESPAWN_SECONDS,
        blocking_threads=ORDINARY_THREADS + MOST_STREAMS,
        backpressure=256,
        log_enabled=True,
        log_access=False,
        log_level=LogLevels.warning,
    ).serve()


def _count_together() -> None:
    """Have all server processes count into one folder, from which any of them tells Prometheus, unless the operator named one."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        folder = tempfile.mkdtemp(prefix="rapport-metrics-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder


@main.command()
def work() -> None:
    """Gather accounts, go through reviews and do what is due by the clock, for services that share a database and Redis; until stopped."""
    settings = _settings()
    _check_work(settings)
    from prometheus_client import start_http_server

    from server.app import create_app
    from server.logs import set_up_logs

    set_up_logs(settings.log_level)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    try:
        if settings.metrics_port:
            start_http_server(settings.metrics_port, settings.host)
        create_app(settings)
    except RapportError as problem:
        raise SystemExit(str(problem)) from None
    except OSError as problem:
        raise SystemExit(
            f"Port {settings.metrics_port} on {settings.host} cannot be used ({problem.strerror}). Set RAPPORT_METRICS_PORT to another one."
        ) from None
    click.echo(f"Rapport gathers {settings.gatherers} accounts at a time  (stop: Ctrl-C)")
    stopping.wait()
    # What is under way ends first; the application sees to that as the process ends.
    click.echo("Stopping when what is under way has ended.")


def _check_work(settings: Settings) -> None:
    """Say in one sentence why this process would have nothing to do."""
    if not settings.may_be_of_several:
        raise SystemExit(
            "There is no work to share: the service gathers by itself. To have others do it, set RAPPORT_CACHE_URL to the same redis://… "
            "here and there, and RAPPORT_DATABASE_URL to the same postgresql://…"
        )
    if not settings.gatherers:
        raise SystemExit("RAPPORT_GATHERERS is 0, so this process would gather nothing. Set it to 1 or more here.")


def _is_news(record: logging.LogRecord) -> bool:
    """False for the server's doubt about more threads than there are processors for: half of them only wait (see ``server.threads``)."""
    return "Python threads" not in record.getMessage()


def application() -> object:
    """The WSGI application with the settings of the environment: what the server process loads."""
    from server.app import create_app
    from server.logs import set_up_logs

    settings = read_settings()
    set_up_logs(settings.log_level)
    _end_with_parent()
    app = create_app(settings)
    _tell_when_stopped(app.extensions["rapport"].stopping)
    return app


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


def _tell_when_stopped(stopping: threading.Event) -> None:
    """Have ``stopping`` set as soon as this process is asked to end.

    The server lets every answer under way end first, and a stream would take up to a minute. A handler of ours would not do: the server
    puts its own in the place after the application was made.
    """
    listening, told = socket.socketpair()
    told.setblocking(False)
    signal.set_wakeup_fd(told.fileno())

    def listen() -> None:
        # For good: whatever signal comes later is written there, too, and must find it open.
        with told:
            while number := listening.recv(1):
                if number[0] in (signal.SIGINT, signal.SIGTERM):
                    stopping.set()

    threading.Thread(target=listen, name="tell-when-stopped", daemon=True).start()


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
            f"The database could not be used ({_failed(problem)}). What was scored until "
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


@main.group()
def population() -> None:
    """Whole networks: scores, ranks and grades of every account from tables of what everybody did."""


def _memory(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", value):
        raise click.BadParameter(f"{value!r} is no amount of memory; write one like 2GB.")
    return value


in_memory = click.option(
    "--memory",
    default="2GB",
    show_default=True,
    callback=_memory,
    help="What the engine may take before it goes on on disk.",
)


@population.command("score")
@click.argument("interactions", type=click.Path(path_type=Path))
@click.argument("accounts", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--at",
    type=click.DateTime(),
    help="Score as of this moment (UTC) instead of now: for data that was collected earlier.",
)
@click.option(
    "--engine",
    default="duckdb",
    show_default=True,
    help="duckdb (in this process), or the address of a Spark cluster (spark://host:7077).",
)
@click.option("--partitions", default=200, show_default=True, help="Pieces that Spark splits each step into.")
@in_memory
def score_population(
    interactions: Path, accounts: Path, out: Path, at: datetime | None, engine: str, partitions: int, memory: str
) -> None:
    """Write the scores of all ACCOUNTS by their INTERACTIONS to OUT; each is Parquet, the first two may be folders of it.

    A run that was broken off goes on where it was when the same command is started again.
    """
    from server.signals.proportion import counted

    formula = _formula()

    engines, run = _population_room("engines"), _population_room("run")
    now = int(at.replace(tzinfo=UTC).timestamp()) if at else None
    opened = (
        partial(engines.in_process, memory) if engine == "duckdb" else partial(engines.on_cluster, engine, partitions)
    )
    try:
        with click.progressbar(
            length=len(run.STEPS), label=run.STEPS[0], item_show_func=lambda step: step, file=sys.stderr
        ) as bar:
            outcome = run.score_network(
                interactions,
                accounts,
                out,
                formula,
                opened,
                now,
                lambda step: bar.update(step != run.STEPS[0], step),
            )
            bar.update(1)
    except RapportError as problem:
        raise SystemExit(str(problem)) from None
    click.echo(
        f"{outcome.scored:,} of {outcome.accounts:,} accounts are scored, by {outcome.acts:,} interactions: {out}"
    )
    for reason, rows in sorted(outcome.left_out.items()):
        click.echo(f"Left out: {counted(rows, 'row', 'rows')} ({reason})")


@population.command("fold")
@click.argument("interactions", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--into",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to add to; made if need be.",
)
@in_memory
def fold_population(interactions: tuple[Path, ...], into: Path, memory: str) -> None:
    """Add what is new in INTERACTIONS, Parquet files or folders of them, to a folder that “population score” reads in their place.

    Start it again whenever there are more of them: what was folded before is not read again.
    """
    from server.signals.proportion import counted

    engines, folding = _population_room("engines"), _population_room("folding")
    try:
        folded = folding.fold(list(interactions), into, partial(engines.in_process, memory))
    except RapportError as problem:
        raise SystemExit(str(problem)) from None
    click.echo(
        f"{counted(folded.files, 'new file', 'new files')}: {counted(folded.rows, 'row', 'rows')}, of them "
        f"{counted(folded.deeds, 'deed', 'deeds')} kept: {into}"
    )
    for reason, rows in sorted(folded.left_out.items()):
        click.echo(f"Left out: {counted(rows, 'row', 'rows')} ({reason})")


@population.command("import")
@click.argument("table", type=click.Choice(["interactions", "accounts"]))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The Parquet file to write."
)
@click.option(
    "--column", "columns", multiple=True, metavar="OURS=THEIRS", help="A column that the files call otherwise."
)
def import_population(table: str, files: tuple[Path, ...], out: Path, columns: tuple[str, ...]) -> None:
    """Make FILES, CSV or JSON lines (compressed, too), one of the two tables that “population score” reads."""
    from server.signals.proportion import counted

    text_files = _population_room("text_files")
    called = {ours: theirs for ours, is_named, theirs in (column.partition("=") for column in columns) if is_named}
    if len(called) != len(columns):
        raise click.BadParameter("write --column OURS=THEIRS, each column once, as in --column actor=user_id")
    try:
        imported = text_files.import_table(table, list(files), out, called)
    except RapportError as problem:
        raise SystemExit(str(problem)) from None
    click.echo(f"{counted(imported.rows, 'row', 'rows')}: {out}")
    if imported.no_rows:
        click.echo(f"Passed over: {counted(imported.no_rows, 'line that is no row', 'lines that are no rows')}")
    for column, values in imported.unreadable.items():
        click.echo(f"In {counted(values, 'row', 'rows')} the column {column} could not be read; it is empty there now.")


@population.command("calibrate")
@click.argument("scores", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--network", required=True, help="What the network is called, as in “Bluesky”.")
@click.option(
    "--version", required=True, help="The name of the new table, as in “2-bluesky-2026-09”; no version may have it yet."
)
@click.option(
    "--ranks/--no-ranks",
    default=True,
    help="Have the ranks of those who react count beside their followers, for a service into which “population ranks” loads them.",
)
def calibrate_population(scores: Path, out: Path, network: str, version: str, ranks: bool) -> None:
    """Write a table of weights whose curves are those of a network to OUT, from the SCORES that “population score” wrote.

    RAPPORT_WEIGHTS_FILE has the service score by it.
    """
    from server.scoring.versions import formula_of

    formula = _formula()
    calibrate = _population_room("calibrate")
    if formula_of(version) is not None:
        raise SystemExit(f"There is a version {version} already; give the new table a name of its own.")
    try:
        formula = calibrate.calibrated(calibrate.read_scores(scores), formula, version, network, ranks)
    except RapportError as problem:
        raise SystemExit(str(problem)) from None
    unfinished = out.with_name(f".{out.name}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(calibrate.as_toml(formula), encoding="utf-8")
        unfinished.replace(out)
    except OSError as problem:
        raise SystemExit(f"{out} cannot be written ({problem.strerror}).") from None
    click.echo(f"{out} is version {version}: {formula.reference['population']}. {formula.reference['note']}")


@population.command("ranks")
@click.argument("scores", type=click.Path(path_type=Path))
@click.option("--network", required=True, help="Whose: its name as in addresses of this service, as in “bluesky”.")
def load_ranks(scores: Path, network: str) -> None:
    """Load the ranks of everybody in a network, from the SCORES that “population score” wrote, in the place of earlier ones.

    Whoever is looked up from then on is told how much attention those who react to it get. Ids must be those of the network: DIDs on
    Bluesky, user@domain on Mastodon, handles on X.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from server.signals.proportion import counted

    calibrate = _population_room("calibrate")
    settings = _settings()
    try:
        from server.app import create_app

        service = create_app(settings, work=False).extensions["rapport"]
        if network not in service.lookup.networks:
            raise SystemExit(
                f"There is no network {network!r} here; there are {', '.join(sorted(service.lookup.networks))}."
            )
        table = calibrate.read_scores(scores)
        people = service.ranks.load(
            network, calibrate.scored_at(table), partial(calibrate.ranks_in, table), service.repository.wishes
        )
    except RapportError as problem:
        raise SystemExit(str(problem)) from None
    except SQLAlchemyError as problem:
        raise SystemExit(
            f"The ranks could not be written ({_failed(problem)}). Those that were there before "
            "serve on; start the same command again."
        ) from None
    click.echo(f"{counted(people, 'person', 'people')} of {network} have a rank here.")


@population.command("forget-ranks")
@click.argument("network")
def forget_ranks(network: str) -> None:
    """Delete the ranks of a NETWORK."""
    from sqlalchemy.exc import SQLAlchemyError

    from server.store.database import open_database
    from server.store.ranks import RankStore

    try:
        were_there = RankStore(open_database(_settings().database)).unload(network)
    except RapportError as problem:
        raise SystemExit(str(problem)) from None
    except SQLAlchemyError as problem:
        raise SystemExit(
            f"The ranks could not be deleted ({_failed(problem)}). Start the same command again."
        ) from None
    click.echo(f"The ranks of {network} are deleted." if were_there else f"There were no ranks of {network}.")


@population.command("listen")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--url", help="Another Jetstream than that of Bluesky (wss://…).")
@click.option("--pds", help="The raw firehose of this server (https://…), or of a relay, instead of a Jetstream.")
@click.option(
    "--hours",
    type=click.FloatRange(0, 24 * 365),
    default=0.0,
    help="Begin a new FOLDER so many hours ago, as far as the stream looks back (a Jetstream usually 36 hours).",
)
def listen_to_network(folder: Path, url: str | None, pds: str | None, hours: float) -> None:
    """Write what everybody on Bluesky does to FOLDER until stopped (Ctrl-C), as tables that are scored by
    ``population score FOLDER/interactions FOLDER/accounts scores.parquet``.

    May be broken off and started again at any time; it goes on where it was, as far as the stream looks back.
    """
    if url and pds:
        raise click.BadParameter("name a Jetstream by --url or a server by --pds, not both")
    from sqlalchemy.exc import SQLAlchemyError

    from server.fetching import FetchingLimits, GuardedClient
    from server.signals.proportion import counted

    jetstream, firehose, listening = (_population_room(name) for name in ("jetstream", "firehose", "listening"))
    settings = _settings()
    client = GuardedClient(FetchingLimits(settings.user_agent, allowed_networks=settings.allow_networks))
    stopping = _stopped_by_signals()
    try:
        from server.app import create_app

        repository = create_app(settings, work=False).extensions["rapport"].repository
        tally = listening.listen(
            folder,
            firehose.Firehose(pds) if pds else jetstream.Jetstream(url or jetstream.JETSTREAM),
            client,
            lambda line: click.echo(line, err=True),
            stopping,
            hours,
            wishes=partial(repository.wishes, "bluesky"),
        )
    except RapportError as problem:
        raise SystemExit(str(problem)) from None
    except SQLAlchemyError as problem:
        raise SystemExit(_unasked(problem)) from None
    finally:
        client.close()
    click.echo(f"{counted(tally.rows, 'row', 'rows')} written to {folder}")
    if tally.not_kept:
        click.echo(f"Not kept: {counted(tally.not_kept, 'row', 'rows')} (of accounts that asked not to be looked at)")
    for reason, events in sorted(tally.odd.items()):
        click.echo(f"Passed over: {counted(events, 'event', 'events')} ({reason})")


@population.command("profiles")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--days",
    type=click.FloatRange(0, 3650),
    default=7.0,
    show_default=True,
    help="Ask again for those whose profile is older than this.",
)
def ask_for_profiles(folder: Path, days: float) -> None:
    """Ask Bluesky for the profiles of everybody who was listened to into FOLDER: how many follow them,
    how many they follow, and what they ask for.

    May be broken off and started again at any time; it goes on where it was. Somebody may listen into FOLDER meanwhile.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from server.fetching import FetchingLimits, GuardedClient
    from server.networks.bluesky import Bluesky

    profiles = _population_room("profiles")
    settings = _settings()
    client = GuardedClient(FetchingLimits(settings.user_agent, allowed_networks=settings.allow_networks))
    stopping = _stopped_by_signals()
    try:
        from server.app import create_app

        repository = create_app(settings, work=False).extensions["rapport"].repository
        with click.progressbar(length=1, label="Profiles", file=sys.stderr) as bar:

            def step(done: int, count: int) -> None:
                bar.length = count
                bar.update(done - bar.pos)

            came = profiles.ask(
                folder,
                Bluesky(settings.bluesky_appview),
                client.on_behalf_of("bluesky"),
                int(time.time() - days * 86_400),
                partial(repository.wishes, "bluesky"),
                stopping,
                lambda line: click.echo(f"\n{line}", err=True),
                step,
            )
    except RapportError as problem:
        raise SystemExit(str(problem)) from None
    except SQLAlchemyError as problem:
        raise SystemExit(_unasked(problem)) from None
    finally:
        client.close()
    for line in profiles.summary(came, folder):
        click.echo(line)


def _stopped_by_signals() -> threading.Event:
    """Is set when this process is asked to end."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def _failed(problem: Exception) -> str:
    """What a database said of its failure."""
    return str(getattr(problem, "orig", None) or type(problem).__name__)


def _unasked(problem: Exception) -> str:
    return (
        f"The database could not be asked who opted out ({_failed(problem)}). What was kept "
        "until now is whole; start the same command again to go on."
    )


def _formula() -> Formula:
    """The table that the settings name, else the shipped one."""
    from server.app import choose_formula
    from server.scoring.formula import current_formula

    try:
        choose_formula(_settings())
    except RapportError as problem:
        raise SystemExit(str(problem)) from None
    return current_formula()


def _population_room(name: str) -> Any:
    """A module of ``server.population``; ends with what to install where its packages are not there."""
    try:
        return import_module(f"server.population.{name}")
    except ModuleNotFoundError as missing:
        raise SystemExit(
            f"Working on a whole network needs {missing.name}, which serving does not: pip install -r server/population/requirements.txt"
        ) from None


def welcome(settings: Settings) -> str:
    """What is printed at the start: where to look, how to load the extension, and where things are kept."""
    from server.store.database import shown_address

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
            f"Kept in {settings.data_folder}"
            + (f" and {shown_address(settings.database_url)}" if settings.database_url else ""),
        )
    )


def _settings() -> Settings:
    try:
        return read_settings()
    except RapportError as problem:
        raise SystemExit(str(problem)) from None


def _check_start(settings: Settings) -> None:
    """Say in one sentence what would stop the server, before it is started."""
    from server import ontology
    from server.api.sites_file import SitesFile
    from server.app import choose_formula
    from server.store.database import open_database

    try:
        choose_formula(settings)
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
