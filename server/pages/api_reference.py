"""The API's own description (OpenAPI 3) as a page can list it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a value: words, and the named schema they lead to, if any."""

    words: str
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a property of a schema."""

    name: str
    kind: Kind
    place: str
    """``path``, ``query``, ``header``; empty for a property."""
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Response:
    """What can come back."""

    status: str
    description: str
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    summary: str
    description: str
    fields: tuple[Field, ...]
    body: Kind | None
    responses: tuple[Response, ...]

    @property
    def anchor(self) -> str:
        return f"{self.method}-{self.path.strip('/').replace('/', '-')}".replace("{", "").replace("}", "").lower()


@dataclass(frozen=True, slots=True)
class Schema:
    """A named shape of JSON."""

    name: str
    description: str
    fields: tuple[Field, ...]
    kind: Kind


def operations(document: Json) -> list[Operation]:
    """Every operation, in the document's order."""
    return [
        _operation(method, path, item, document)
        for path, item in document.get("paths", {}).items()
        for method in METHODS
        if method in item
    ]


def schemas(document: Json) -> list[Schema]:
    """Every named schema, by name."""
    named = document.get("components", {}).get("schemas", {})
    return [
        Schema(name, schema.get("description", ""), tuple(_properties(schema)), kind_of(schema))
        for name, schema in sorted(named.items())
    ]


def _operation(method: str, path: str, item: Json, document: Json) -> Operation:
    operation = item[method]
    parameters = [_resolved(p, document) for p in (*item.get("parameters", ()), *operation.get("parameters", ()))]
    body = _resolved(operation.get("requestBody", {}), document)
    return Operation(
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        fields=tuple(
            Field(p["name"], kind_of(p.get("schema", {})), p["in"], p.get("required", False), p.get("description", ""))
            for p in parameters
        ),
        body=_content(body),
        responses=tuple(
            Response(str(status), response.get("description", ""), _content(response))
            for status, raw in sorted(operation.get("responses", {}).items(), key=lambda pair: str(pair[0]))
            for response in [_resolved(raw, document)]
        ),
    )


def _resolved(part: Json, document: Json) -> Json:
    """What a ``$ref`` inside the document stands for."""
    reference = part.get("$ref")
    if reference is None:
        return part
    for step in reference.removeprefix("#/").split("/"):
        document = document[step]
    return document


def _content(part: Json) -> Kind | None:
    for media in part.get("content", {}).values():
        return kind_of(media.get("schema", {}))
    return None


def kind_of(schema: Json) -> Kind:
    """A schema in words: ``array of Badge``, ``integer or null``, ``"ready" or "pending"``."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return Kind(name, name)
    if "const" in schema:
        return Kind(f"“{schema['const']}”")
    if "enum" in schema:
        return Kind(" or ".join(f"“{value}”" for value in schema["enum"]))
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            kinds = [kind_of(option) for option in schema[choice]]
            named = [kind.schema for kind in kinds if kind.schema]
            return Kind(" or ".join(kind.words for kind in kinds), named[0] if named else "")
    if schema.get("type") == "array":
        item = kind_of(schema.get("items", {}))
        return Kind(f"array of {item.words}", item.schema)
    types = schema.get("type", "any")
    return Kind(" or ".join(types) if isinstance(types, list) else str(types))


def _properties(schema: Json) -> Iterator[Field]:
    required = schema.get("required", ())
    for name, of in schema.get("properties", {}).items():
        yield Field(name, kind_of(of), "", name in required, of.get("description", ""))
