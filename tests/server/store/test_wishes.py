"""Who opted out, asked of one account and of very many."""

from __future__ import annotations

import pytest

from server.store.database import open_database
from server.store.repository import Repository
from tests.server.databases import Database
from tests.server.invented import NOW

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.mark.parametrize("in_profile", [False, True])
def test_very_many_can_be_asked_about_with_the_same_answer(database: Database, in_profile: bool) -> None:
    repository = Repository(open_database(database.url), b"k" * 32)
    before = repository.wishes("bluesky")
    repository.opt_out("bluesky", {"did:plc:alice", "alice.test"}, NOW, in_profile)
    names = ("did:plc:alice", "DID:PLC:ALICE", "alice.test", "did:plc:bob")
    asked = repository.wishes("bluesky")
    assert [asked(name) for name in names] == [True, True, True, False]
    assert [asked(name) for name in names] == [repository.opted_out("bluesky", name) for name in names]
    assert not repository.wishes("mastodon")("did:plc:alice")
    assert not before("did:plc:alice"), "it tells who had opted out when it was made"
