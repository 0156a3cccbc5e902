"""The use case of an account's owner: proving it, a note, disputes, leaderboards, taking everything along, deleting everything."""

from __future__ import annotations

import secrets
from typing import Any

from server.account import AccountRef
from server.errors import CallBudgetSpent, RapportError, UpstreamUnavailable
from server.lookup import Lookup
from server.networks.network import ProfiledNetwork, Upstream
from server.report import moment
from server.scoring.sample import DAY
from server.store.owners import Dispute, Owner, OwnerStore
from server.store.unguessable import may_be_key, new_key

CLAIM_DAYS = 7
"""Days after which a claim that was not proved is deleted."""
MOST_CLAIMS = 1000
"""Claims at one time that are not proved."""
LONGEST_NOTE, LONGEST_PLACE, LONGEST_DISPUTE = 300, 60, 300
PROOF_CALLS, PROOF_SECONDS = 8, 20.0
DELETED = "Its owner had everything about it deleted."
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without characters that look alike: somebody may type it over."""


class CannotOwn(RapportError):
    """Something that an owner asked for cannot be done; the text says why and what to do instead."""


class Ownership:
    """What the owners of accounts can do."""

    def __init__(self, store: OwnerStore, lookup: Lookup, fetcher: Upstream) -> None:
        self._store, self._lookup, self._fetcher = store, lookup, fetcher
        lookup.on_forget(lambda network, names, _state, _why: store.forget_account(network, names))

    # Proving it

    def claim(self, network: str, handle: str) -> str:
        """Begin to prove that an account is one's own. Gives the unguessable key of the owner's page.

        Raises UnknownNetwork, BadHandle, and CannotOwn for an account that is not there, is not scored or not kept, or whose
        network does not show what it says of itself.
        """
        handle = self._lookup.canonical(network, handle)
        place = self._lookup.networks[network]
        if not isinstance(place, ProfiledNetwork):
            raise CannotOwn(
                f"{place.title} shows profiles to people only, so nothing written there can be seen from here."
            )
        answer = self._lookup.read(network, handle)
        if answer.report is None:
            raise CannotOwn(answer.detail)
        if not answer.report.get("kept", True):
            raise CannotOwn(
                "This account asks not to be kept: nothing is stored of it, so there is nothing to look after."
            )
        if self._store.waiting() >= MOST_CLAIMS:
            raise CannotOwn("Too many people are proving their accounts just now. Try again tomorrow.")
        account = answer.report["account"]
        key, code = new_key(), "rapport-" + "".join(secrets.choice(_ALPHABET) for _ in range(10))
        self._store.claim(key, network, AccountRef.parse(account["id"]).id, account["handle"], code, self._lookup.now())
        return key

    def find(self, key: str) -> Owner | None:
        """The owner, or the claim, of this key; None when there is none (any more)."""
        return self._store.find(key) if may_be_key(key) else None

    def prove(self, owner: Owner) -> None:
        """Look into the profile for the code. Raises CannotOwn when it does not stand there, or the network cannot be asked."""
        place = self._lookup.networks.get(owner.network)
        if not isinstance(place, ProfiledNetwork):
            raise CannotOwn(f"Accounts of {owner.network} are not looked at here any more.")
        try:
            said = place.own_words(
                owner.handle, self._fetcher.on_behalf_of(owner.network).budget(PROOF_CALLS, PROOF_SECONDS)
            )
        except (UpstreamUnavailable, CallBudgetSpent):
            raise CannotOwn(
                f"{place.title} could not be asked just now. Try again in a minute; the code stays the same."
            ) from None
        except RapportError as problem:
            raise CannotOwn(str(problem)) from None
        if said.name != owner.name:
            raise CannotOwn(f"{owner.handle} is another account now than when you began. Begin again.")
        if not any(owner.code in text.casefold() for text in said.texts):
            raise CannotOwn(
                f"{owner.code} does not stand in the profile of {owner.handle} yet. Some networks take a minute to show a change; then check again."
            )
        self._store.prove(owner.id, self._lookup.now())

    # What an owner chooses

    def choose(self, owner: Owner, note: str, is_listed: bool, place: str) -> None:
        """A note that is shown with the report, and whether the account stands on leaderboards. Raises CannotOwn for what is too long."""
        note, place = " ".join(note.split()), " ".join(place.split())
        for text, most, what in ((note, LONGEST_NOTE, "note"), (place, LONGEST_PLACE, "place")):
            if len(text) > most:
                raise CannotOwn(f"The {what} is {len(text)} characters long; at most {most} are shown.")
        self._store.choose(owner.id, note, is_listed, place)

    def dispute(self, owner: Owner, signal: str, words: str) -> None:
        """Say that a finding is wrong; the account is read again, and both are shown. Raises CannotOwn."""
        words = " ".join(words.split())
        if not words:
            raise CannotOwn("Say in a sentence what is wrong with it.")
        if len(words) > LONGEST_DISPUTE:
            raise CannotOwn(f"That is {len(words)} characters long; at most {LONGEST_DISPUTE} are shown.")
        before = self._finding(owner, signal)
        if before is None:
            raise CannotOwn("There is no such finding in the report.")
        self._store.dispute(owner.id, signal, words, before, self._lookup.now())
        self._lookup.refresh(owner.network, owner.name)

    def withdraw(self, owner: Owner, dispute: int) -> None:
        """Take a dispute back."""
        self._store.withdraw(owner.id, dispute)

    def disputes(self, owner: Owner) -> list[Dispute]:
        """What an owner disputes, with the answer as soon as the account was studied since."""
        found = self._store.disputes(owner.id)
        for dispute in found:
            if dispute.answered_at is None and self._lookup.studied_at(owner.network, owner.name) > dispute.made_at:
                after = self._finding(owner, dispute.signal) or "This finding is no longer made."
                self._store.answer(dispute.id, after, self._lookup.now())
        return self._store.disputes(owner.id) if found else found

    def _finding(self, owner: Owner, signal: str) -> str | None:
        report = self._lookup.kept_report(owner.network, owner.name)
        told = [s["sentence"] for s in report["signals"] if s["id"] == signal] if report else []
        return str(told[0]) if told else None

    def owner_of(self, network: str, name: str) -> Owner | None:
        """Who proved that the account of this id is theirs; None when nobody did."""
        return self._store.owner_of(network, name)

    def listed(self, network: str) -> list[Owner]:
        """The owners who want their accounts on the network's leaderboards."""
        return self._store.listed(network)

    # Taking along, and deleting

    def export(self, owner: Owner) -> dict[str, Any]:
        """Everything that is kept about the account, as JSON."""
        return {
            "account": f"{owner.network}:{owner.name}",
            "exported_at": moment(self._lookup.now()),
            "note": owner.note,
            "on_leaderboards": owner.is_listed,
            "place": owner.place,
            "proved_at": moment(owner.proven_at) if owner.proven_at else None,
            "disputes": [
                {
                    "signal": dispute.signal,
                    "words": dispute.words,
                    "made_at": moment(dispute.made_at),
                    "finding_then": dispute.before,
                    "finding_after": dispute.after,
                }
                for dispute in self._store.disputes(owner.id)
            ],
            **self._lookup.export(owner.network, owner.name),
        }

    def delete_all(self, owner: Owner, for_good: bool) -> None:
        """Delete everything about the account, the owner's page too; ``for_good``: and never score it again."""
        if for_good:
            self._lookup.opt_out(owner.network, owner.name)
        else:
            self._lookup.delete(owner.network, owner.name, DELETED)
        self._store.forget_account(owner.network, {owner.name})

    def leave(self, owner: Owner) -> None:
        """Delete the owner's page with note, disputes and place on leaderboards; the report stays."""
        self._store.forget(owner.id)

    def tidy(self) -> int:
        """Delete claims that nobody proved in time. Gives how many."""
        return self._store.forget_claims_before(self._lookup.now() - CLAIM_DAYS * DAY)
