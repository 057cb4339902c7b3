"""Whose rows these are: the organization given, named in a column, or that of the folder."""

import re
from pathlib import Path
from typing import Any

from audit.errors import InputError
from audit.sources.files.assemble import Say
from audit.sources.files.convert import Block
from audit.sources.files.recognition import Candidate

SHOWN = 5


def identifier_from(name: str) -> str:
    """A stable id from a folder's or file's name.

    >>> identifier_from("Acme exports (May)")
    'acme-exports-may'
    """
    return re.sub(r"[^\w]+", "-", name.casefold()).strip("-_") or "folder"


class Organizations:
    """The organizations of one folder, and which of them each file speaks for."""

    def __init__(
        self,
        folder: Path,
        given: str | None,
        name: str | None,
        blocks: list[Block],
        overviews: list[Candidate],
    ) -> None:
        self.given, self.name = given, name
        self._folder_name = folder.resolve().stem if folder.is_file() else folder.resolve().name
        self._names: dict[str, str] = {}
        self._of_answer: dict[Path, str] = {}
        named = self._stated = self._named(blocks, overviews)
        self.default = self._default(named)
        self._give_overviews(overviews, named)
        self.ids = sorted({*named, *self._of_answer.values()} if given is None else {given})
        needs_default = [b for b in blocks if None in self._column(b)]
        if not self.ids or (given is None and not named and needs_default):
            self.ids = sorted({*self.ids, self._folder_id})

    @property
    def _folder_id(self) -> str:
        return identifier_from(self._folder_name)

    @staticmethod
    def _column(block: Block) -> list[Any]:
        return block.columns.get("organization_id") or [None]

    def _named(self, blocks: list[Block], overviews: list[Candidate]) -> set[str]:
        named = {i for block in blocks for i in self._column(block) if i is not None}
        for candidate in overviews:
            identity = (candidate.content.answer or {}).get("organization_id")
            if isinstance(identity, str) and identity:
                named.add(identity)
                self._of_answer[candidate.recognised.file] = identity
        if self.given is not None and named and self.given not in named:
            shown = ", ".join(sorted(named)[:SHOWN])
            raise InputError(
                f"The files are of other organizations ({len(named)}: {shown}), none of "
                f"{self.given!r}. Pass one of these, or files of {self.given!r}."
            )
        return named

    def _default(self, named: set[str]) -> str | None:
        if self.given is not None:
            return self.given
        if len(named) == 1:
            return next(iter(named))
        return None if named else self._folder_id

    def _give_overviews(self, overviews: list[Candidate], named: set[str]) -> None:
        nameless = [c for c in overviews if c.recognised.file not in self._of_answer]
        apart = self.given is None and not named and len(nameless) > 1
        for candidate in nameless:
            path = candidate.recognised.file
            if apart:
                # Two overviews are two organizations: each answer is the whole of one.
                identity = f"{self._folder_id}-{identifier_from(path.stem)}"
                self._names[identity] = f"{self._folder_name} {path.stem}"
            else:
                identity = self._needed(path.name)
            self._of_answer[path] = identity
        owners: dict[str, Path] = {}
        for path, identity in self._of_answer.items():
            if identity in owners:
                raise InputError(
                    f"{owners[identity].name} and {path.name} are both billing overviews of "
                    f"{identity!r}. Keep the newer one, or put each organization in its own folder."
                )
            owners[identity] = path

    def _needed(self, file: str) -> str:
        if self.default is None:
            raise InputError(
                f"{file} does not say which organization it is of, and the folder holds several. "
                "Add a column organization_id, or pass --organization."
            )
        return self.default

    def of_answer(self, candidate: Candidate) -> str:
        """The organization of a billing answer."""
        path = candidate.recognised.file
        if path not in self._of_answer:
            stated = (candidate.content.answer or {}).get("organization_id")
            identity = stated if isinstance(stated, str) and stated else self._needed(path.name)
            self._of_answer[path] = identity
            if identity not in self.ids:
                self.ids = sorted([*self.ids, identity])
        return self._of_answer[path]

    def fill(self, block: Block, say: Say) -> None:
        """Write the organization into every row; rows of others than the one given go."""
        column = block.columns.get("organization_id")
        if column is None:
            identity = self._needed(block.file)
            block.columns["organization_id"] = [identity] * block.rows
            block.speaks_for = frozenset({identity})
            return
        if any(value is None for value in column):
            column[:] = [value or self._needed(block.file) for value in column]
        if self.given is not None:
            kept = [row for row, value in enumerate(column) if value == self.given]
            if len(kept) < len(column):
                say(
                    self.given,
                    block.table,
                    "other_organizations_left_out",
                    f"Rows of other organizations in {block.file} were left out.",
                    len(column) - len(kept),
                )
                block.columns = {n: [v[row] for row in kept] for n, v in block.columns.items()}
                block.places = [block.places[row] for row in kept]
                column = block.columns["organization_id"]
        for value, name in zip(
            column, block.columns.get("organization_name", [None] * len(column)), strict=True
        ):
            if name:
                self._names[value] = name
        block.speaks_for = frozenset(column) or frozenset(self.ids if len(self.ids) == 1 else ())

    def name_of(self, identity: str) -> str:
        """The display name, or the folder's."""
        if self.name:
            return self.name
        return self._names.get(identity) or (
            self._folder_name if identity == self._folder_id else identity
        )

    def say_derived(self, say: Say) -> None:
        """Note the organizations whose id comes from a folder or file name."""
        for identity in self.ids:
            derived = identity == self._folder_id or identity.startswith(f"{self._folder_id}-")
            if self.given is None and derived and identity not in self._stated:
                say(
                    identity,
                    "organizations",
                    "organization_id_from_folder",
                    f"No export names the organization; the id {identity!r} is made from the "
                    "folder's name. Pass --organization to use the real one.",
                    1,
                )
