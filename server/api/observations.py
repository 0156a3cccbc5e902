"""POST /api/v1/observations: public posts that stood on somebody's screen, where the network has no API to ask."""

from __future__ import annotations

from typing import Any, cast

from apiflask import APIBlueprint
from flask import request

from server.api.problems import read
from server.api.schemas import Observation, ObservedAll
from server.api.service import service
from server.networks.network import ObservingNetwork

blueprint = APIBlueprint("observations", __name__, url_prefix="/api/v1", tag="Observations")


@blueprint.post("/observations")
@blueprint.output(ObservedAll, description="What was added, per account")
@blueprint.doc(summary="Add public posts seen on a page")
def observations() -> dict[str, Any]:
    """Read the fragments, add what they show to what is known."""
    observation = read(Observation, request.get_data(cache=False))
    lookup = service().lookup
    network = cast("ObservingNetwork", lookup.networks[observation.network])
    return {
        "accounts": lookup.observe(
            observation.network, network.observe(observation.fragments, observation.url, lookup.now())
        )
    }


blueprint.input(Observation)(observations)
