"""The application factory: puts the rooms together and guards the door."""

from __future__ import annotations

import atexit
import logging
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from apiflask import APIFlask
from flask import Response, render_template, request
from flask_caching import Cache as FlaskCache
from pydantic.json_schema import models_json_schema
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, NotFound

from server import ontology, places
from server.api import accounts, badges, guard, health, observations, ranges, sites
from server.api.measuring import count, measure
from server.api.problems import PROBLEMS, BadRequest, problem
from server.api.schemas import Pending, Problem
from server.api.service import Service
from server.api.sites_file import SitesFile
from server.digest import WeeklyMail
from server.errors import BadHandle, BadObservation, QueueUnreachable, RapportError, UnknownNetwork, WrongDigits
from server.fetching import FetchingLimits, GuardedClient
from server.fetching.pacing import Pacing
from server.fetching.shared_pacing import SharedPacing
from server.happenings import Happening
from server.jobs.chores import chore
from server.jobs.presence import Shared
from server.jobs.queue import HOURLY_DUE, TIDY_DUE, GatherQueue
from server.jobs.shared_tasks import connect, shared_tasks
from server.jobs.under_way import SharedUnderWay, UnderWay
from server.last_hour import LastHour
from server.lookup import Lookup
from server.mail import Postbox
from server.mail_addresses import read_server
from server.networks import networks
from server.networks.network import Network, Upstream
from server.ownership import Ownership
from server.pages import create_blueprint
from server.prefixes import PrefixLookup
from server.review import Reviews
from server.scoring.sample import DAY
from server.scoring.versions import choose
from server.settings import BadSetting, Settings, read_settings
from server.status import Operation
from server.store.chores import ChoreStore
from server.store.database import DatabaseUnusable, open_database
from server.store.owners import OwnerStore
from server.store.ranks import RankStore
from server.store.repository import Repository, holds_wishes, knows_key
from server.store.reviews import ReviewStore
from server.store.tracking import TrackingStore
from server.tracking import Tracking

log = logging.getLogger(__name__)

MOST_CACHED = 50_000


def create_app(
    settings: Settings | None = None,
    *,
    fetcher: Upstream | None = None,
    known_networks: dict[str, Network] | None = None,
    clock: Callable[[], float] = time.time,
    work: bool = True,
) -> APIFlask:
    """The application. Tests hand in a fake network, a clock, and ``work=False`` to run the queue themselves.

    Raises BadSetting and DatabaseUnusable, with words for people.
    """
    settings = settings or read_settings()
    choose_formula(settings)
    app = APIFlask(
        __name__,
        title="Rapport",
        version="1",
        docs_path=None,
        json_errors=False,
        static_folder=cast("str", None),
        spec_path="/openapi.json",
    )
    _describe(app)
    service = _service(app, settings, fetcher, known_networks, clock)
    app.extensions["rapport"] = service
    guard.guard(app, settings, guard.limit(app, settings))
    measure(app)
    for blueprint in (
        badges.blueprint,
        accounts.blueprint,
        observations.blueprint,
        sites.blueprint,
        ranges.blueprint,
        health.blueprint,
        create_blueprint(),
    ):
        app.register_blueprint(blueprint)
    _handle_errors(app)
    if work and settings.gatherers:
        if not settings.shares_work:
            service.reviews.resume()
        service.queue.start()
        atexit.register(service.queue.stop)
    return app


def choose_formula(settings: Settings) -> None:
    """Have this process score by the table that the settings name, else by the shipped one. Raises BadSetting."""
    try:
        choose(settings.weights_file)
    except ValueError as problem:
        raise BadSetting(f"RAPPORT_WEIGHTS_FILE: {problem}") from None


def _describe(app: APIFlask) -> None:
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        DESCRIPTION="Influence scores and engagement verdicts of public accounts, explained. Errors are RFC 9457 problem documents.",
        TAGS=[
            {"name": name}
            for name in ("Badges", "Accounts", "Prefix look-ups", "Observations", "Sites", "Embeds", "Operation")
        ],
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        JSON_SORT_KEYS=False,
    )

    @app.spec_processor
    def with_problems(spec: dict[Any, Any] | str) -> dict[Any, Any] | str:
        _, forms = models_json_schema(
            [(Problem, "serialization"), (Pending, "serialization")], ref_template="#/components/schemas/{model}"
        )
        if isinstance(spec, dict):
            spec["x-problems"] = PROBLEMS
            spec.setdefault("components", {}).setdefault("schemas", {}).update(forms["$defs"])
        return spec

    app.json.sort_keys = False  # type: ignore[attr-defined]


def _service(
    app: APIFlask,
    settings: Settings,
    fetcher: Upstream | None,
    known_networks: dict[str, Network] | None,
    clock: Callable[[], float],
) -> Service:
    sites_file = SitesFile(settings.sites_file)
    engine = open_database(settings.database)
    key = _secret_key(settings.data_folder, may_make=not holds_wishes(engine))
    if not knows_key(engine, key):
        raise DatabaseUnusable(
            f"{settings.data_folder / 'secret.key'} is another key than the one this database was begun with. {_ONE_KEY}"
        )
    repository, ranks = Repository(engine, key), RankStore(engine)
    refresh_seconds = round(settings.refresh_hours * 3600)
    cache = FlaskCache(app, config=_cache_config(settings))
    backend = app.extensions["cache"][cache]
    last_hour = LastHour(clock)

    def tell(happening: Happening) -> None:
        count(happening)
        last_hour(happening)

    limits = FetchingLimits(user_agent=settings.user_agent, allowed_networks=settings.allow_networks)
    shared = connect(settings.cache_url) if settings.shares_work else None
    pacing = SharedPacing(shared, *limits.pace) if shared is not None else Pacing(*limits.pace)
    fetcher = fetcher or GuardedClient(limits, pacing=pacing, tell=tell)
    lookup = Lookup(
        known_networks or networks({"bluesky": {"appview": settings.bluesky_appview}}),
        fetcher,
        repository,
        backend,
        enqueue=lambda network, handle, study: queue.enqueue(network, handle, study),
        under_way=SharedUnderWay(shared) if shared is not None else UnderWay(),
        clock=clock,
        refresh_seconds=refresh_seconds,
        keeps_places=places.is_installed(),
        ontology=ontology.read(settings.data_folder),
        tell=tell,
        ranks=ranks.of,
    )

    def tidy() -> None:
        gone = repository.forget_older_than(int(clock()) - settings.keep_days * DAY)
        deleted = {
            "reviews_deleted": reviews.tidy(),
            "lists_deleted": tracking.tidy(),
            "claims_deleted": ownership.tidy(),
        }
        log.info("tidied", extra={"accounts_deleted": gone} | deleted)

    def hourly() -> None:
        tracking.gather_due()
        weekly_mail.send_due()

    def schedule_review(number: int, wait: float) -> None:
        try:
            queue.enqueue_review(number, wait)
        except QueueUnreachable as problem:
            # It is gone on with once those who work reach one another again.
            log.warning("a piece of a review waits: %s", problem)

    reviews = Reviews(ReviewStore(engine), lookup, fetcher, clock, schedule_review)
    tracking_store = TrackingStore(engine)
    tracking = Tracking(tracking_store, lookup)
    weekly_mail = WeeklyMail(tracking_store, tracking, lookup, _postbox(settings), settings.address)
    ownership = Ownership(OwnerStore(engine), lookup, fetcher)
    chores = ChoreStore(engine)
    queue = GatherQueue(
        lookup.gather,
        chore("tidy", TIDY_DUE, tidy, chores, clock, tell),
        settings.gatherers,
        reviews.work,
        chore("hourly", HOURLY_DUE, hourly, chores, clock, tell),
        tasks=shared_tasks(settings.cache_url) if shared is not None else None,
        presence=Shared(shared) if shared is not None else None,
        revive=reviews.revive,
        tell=tell,
    )
    lookup.on_change(lambda network, handle: backend.delete(badges.cache_key(network, handle)))
    return Service(
        settings=settings,
        lookup=lookup,
        prefixes=PrefixLookup(repository, clock, refresh_seconds),
        repository=repository,
        ranks=ranks,
        queue=queue,
        reviews=reviews,
        tracking=tracking,
        ownership=ownership,
        weekly_mail=weekly_mail,
        badge_cache=backend,
        sites=sites_file,
        operation=Operation(
            engine, settings.data_folder, settings.web_processes, queue, reviews, lookup, ranks, last_hour, clock
        ),
        tell=tell,
        openapi=lambda: cast("dict[str, Any]", app.spec),
    )


def _postbox(settings: Settings) -> Postbox | None:
    if settings.mail_server is None:
        return None
    return Postbox(read_server(settings.mail_server.get_secret_value()), settings.mail_from)


def _cache_config(settings: Settings) -> dict[str, Any]:
    if settings.cache_url.startswith("memory"):
        return {"CACHE_TYPE": "server.api.memory_cache.MemoryCache", "CACHE_THRESHOLD": MOST_CACHED}
    return {"CACHE_TYPE": "server.api.shared_cache.SharedCache", "CACHE_REDIS_URL": settings.cache_url}


def _secret_key(folder: Path, may_make: bool) -> bytes:
    """The key for the hashes of those who opted out; made at the first start, readable by this user only."""
    path = folder / "secret.key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            if not may_make:
                raise DatabaseUnusable(f"{path} is missing. {_WITHOUT_KEY}")
            # Whole or not at all: a start broken off in between leaves no damaged key.
            new = path.with_suffix(f".{os.getpid()}.new")
            new.touch(mode=0o600)
            new.write_bytes(secrets.token_bytes(32))
            _put_first(new, path)
        key = path.read_bytes()
    except OSError as error:
        raise DatabaseUnusable(
            f"The folder {folder} cannot be written ({error.strerror}). Set RAPPORT_DATA_FOLDER."
        ) from None
    if len(key) < 32:
        raise DatabaseUnusable(f"{path} is damaged. {_WITHOUT_KEY}")
    return key


def _put_first(new: Path, path: Path) -> None:
    """Have a file at a path where none is yet. Of two processes that begin together both read the key of the first."""
    try:
        path.hardlink_to(new)
    except FileExistsError:
        pass
    except OSError:
        # Not every file system has links.
        new.replace(path)
    new.unlink(missing_ok=True)


_WITHOUT_KEY = "Put the old file back; without it, those who opted out are no longer recognised."


_ONE_KEY = (
    "All processes of one database need the same file: copy it from the machine that was first. Without it, those who opted out there "
    "are not recognised here. If it is lost and nobody opted out yet, empty the table secret_key."
)


def _handle_errors(app: APIFlask) -> None:
    @app.errorhandler(BadRequest)
    def bad_request(error: BadRequest) -> Response:
        return problem(400, "bad-request", str(error), error.errors)

    @app.errorhandler(BadHandle)
    def bad_handle(error: BadHandle) -> Response:
        return problem(400, "bad-handle", str(error))

    @app.errorhandler(BadObservation)
    def bad_observation(error: BadObservation) -> Response:
        return problem(400, "bad-observation", str(error))

    @app.errorhandler(WrongDigits)
    def wrong_digits(error: WrongDigits) -> Response:
        return problem(400, "range-digits", str(error), digits=error.digits)

    @app.errorhandler(UnknownNetwork)
    def unknown_network(error: UnknownNetwork) -> Response:
        return problem(404, "unknown-network", str(error))

    @app.errorhandler(RapportError)
    def ours(error: RapportError) -> Response:
        return problem(503, "unavailable", str(error))

    @app.errorhandler(SQLAlchemyError)
    def database(error: SQLAlchemyError) -> Response | tuple[str, int]:
        log.error("the database failed a request: %s", type(error).__name__)
        return _answer(
            503,
            "database",
            "The database cannot be used just now, so this was not done. Nothing stored was lost; try again in a minute.",
        )

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response | tuple[str, int]:
        return _http_problem(error)

    @app.errorhandler(Exception)
    def fault(error: Exception) -> Response | tuple[str, int]:
        log.error("a request failed", exc_info=error)
        return _answer(500, "fault", "Something went wrong here. It was written to the log; nothing stored was lost.")


def _http_problem(error: HTTPException) -> Response | tuple[str, int]:
    code = error.code or 500
    words = {
        404: str(error.description)
        if error.description != NotFound.description
        else "There is nothing at this address. The API is described at /docs.",
        405: f"This address does not take {request.method}.",
        413: f"The body is larger than {guard.MOST_BODY_BYTES // 1024 // 1024} MiB. Send less at once.",
        429: f"Too many requests: {error.description} are allowed. Wait a minute.",
    }
    response = _answer(code, (error.name or "error").lower().replace(" ", "-"), words.get(code, str(error.description)))
    if code == 429 and isinstance(response, Response):
        response.headers["Retry-After"] = "60"
    return response


def _answer(status: int, kind: str, detail: str) -> Response | tuple[str, int]:
    """A problem document for programs, a page for people."""
    if request.path.startswith("/api/") or request.accept_mimetypes.best != "text/html":
        return problem(status, kind, detail)
    return render_template(
        "problem.html", title=kind.replace("-", " ").capitalize(), detail=detail, status=status
    ), status
