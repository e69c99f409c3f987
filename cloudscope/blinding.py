"""`Blinding`: codes for recordings that are read without knowing which is which, and its log."""

from __future__ import annotations

import hashlib
import json
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from cloudscope.analysis.frozen_dict import FrozenDict
from cloudscope.errors import BlindingError, ParameterError, UnknownNameError
from cloudscope.metadata import Stamp

if TYPE_CHECKING:
    import pandas as pd

    from cloudscope.acq_image import AcqImage

__all__ = [
    "Blinding",
    "BlindingEntry",
    "BlindingKind",
    "locked_values",
    "new_seed",
    "refuse_blind",
    "usual_parameters",
]

BlindingKind = Literal["started", "joined", "opened", "closed", "looked", "unblinded"]
"""What an entry of the log tells of."""

_LARGEST_SEED = 2**53  # what every reader of JSON keeps exactly


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindingEntry:
    """One line of the log of a blinding.

    Attributes
    ----------
    at : str
        ISO 8601 with the offset to UTC.
    kind : {"started", "joined", "opened", "closed", "looked", "unblinded"}
    by : str
        A person, or the account.
    code : str
        The code looked behind.
    reason : str
        As it was given.
    codes : str
        Digest of all codes at that moment.
    digest : str
        Of this entry and all before it: an entry that is changed or taken out shows.
    """

    at: str
    kind: BlindingKind
    by: str
    code: str = ""
    reason: str = ""
    codes: str = ""
    digest: str = ""

    def sealed(self, before: str) -> BlindingEntry:
        """The entry with its digest, given that of the one before it."""
        words = [before, self.at, self.kind, self.by, self.code, self.reason, self.codes]
        return replace(self, digest=_digest(words))

    def __str__(self) -> str:
        what = f"{self.kind} {self.code}".rstrip() + (f" by {self.by}" if self.by else "")
        return f"{self.at[:19].replace('T', ' ')} {what}" + (
            f": {self.reason}" if self.reason else ""
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Blinding:
    """A blinded reading of recordings: which code each has, what is locked, what was done.

    Codes are dealt in the order of a hash of seed and path, so that the same seed and recordings
    give the same codes on every machine; recordings that come later get the next codes, and change
    none. To edit is to make a new value; the log only grows.

    Attributes
    ----------
    seed : int
    number : int
        1 for the first blinding of the folder, whose codes are ``R-001`` and so on; 2 for the
        next, with ``R2-001``.
    reader : str
        Who reads the recordings.
    codes : mapping of str to str
        Code by path within the folder, with forward slashes.
    parameters : mapping of str to mapping
        The detection parameters that are locked, all of them, by analysis.
    software : str
        Version that dealt the codes.
    log : tuple of BlindingEntry

    Examples
    --------
    >>> blinding = Blinding.start(["sham/a.tif", "sham/b.tif", "drug/c.tif"], "Ann", seed=4)
    >>> blinding.codes["drug/c.tif"], blinding.active
    ('R-001', True)
    >>> more = blinding.with_recordings(["drug/d.tif"])
    >>> more.codes["drug/d.tif"], more.codes["drug/c.tif"]
    ('R-004', 'R-001')
    >>> done = more.with_entry("unblinded", "Ann", reason="all are judged")
    >>> done.active, [entry.kind for entry in done.log]
    (False, ['started', 'joined', 'unblinded'])
    """

    seed: int
    reader: str
    number: int = 1
    codes: Mapping[str, str] = field(default_factory=FrozenDict)
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=FrozenDict)
    software: str = ""
    log: tuple[BlindingEntry, ...] = ()

    @classmethod
    def start(
        cls,
        paths: Iterable[str],
        reader: str,
        *,
        seed: int | None = None,
        parameters: Mapping[str, Mapping[str, Any]] | None = None,
        number: int = 1,
    ) -> Blinding:
        """Deal codes and lock parameters.

        Parameters
        ----------
        paths : iterable of str
            Of the recordings within their folder, with forward slashes, in any order.
        reader : str
            Who reads them.
        seed : int, optional
            From 0 to 2**53 - 1; drawn by chance by default.
        parameters : mapping, optional
            Detection parameters to lock, by analysis; what is not said is locked to its default.
        number : int
            Which blinding of the folder this is.

        Raises
        ------
        ParameterError
            If the reader has no name, or the seed or a parameter is not allowed.
        """
        from cloudscope import __version__

        if not reader.strip():
            raise ParameterError("reader='' is not allowed: say who reads the recordings")
        if seed is None:
            seed = new_seed()
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < _LARGEST_SEED:
            raise ParameterError(
                f"seed={seed!r} is not allowed: give a whole number from 0 to {_LARGEST_SEED - 1}"
            )
        begun = cls(
            seed=seed,
            reader=reader.strip(),
            number=number,
            parameters=_locked(parameters or {}),
            software=f"cloudscope {__version__}",
        )
        return begun._dealt(paths).with_entry("started", reader.strip())

    # ------------------------------------------------------------------ codes

    @property
    def active(self) -> bool:
        """Whether names are hidden: from the start until it is unblinded."""
        return bool(self.log) and not self._ended

    @property
    def _ended(self) -> bool:
        return any(entry.kind == "unblinded" for entry in self.log)

    @property
    def started_at(self) -> str:
        """When it was started, ISO 8601."""
        return self.log[0].at if self.log else ""

    def path_of(self, code: str) -> str:
        """The path behind a code.

        Raises
        ------
        UnknownNameError
            If there is no such code.
        """
        for path, own in self.codes.items():
            if own == code.strip().upper():
                return path
        there = list(self.codes.values())
        some = f"{there[0]} to {there[-1]}" if there else "none"
        raise UnknownNameError(f"there is no code {code!r}; there are {some}")

    def with_recordings(self, paths: Iterable[str]) -> Blinding:
        """With codes for recordings that have none yet, and an entry in the log if there are any.

        A blinding that has ended stays as it is.
        """
        new = [path for path in paths if _normal(path) not in self.codes]
        if not new or self._ended:
            return self
        dealt = self._dealt(new)
        last = list(dealt.codes.values())
        added = last[len(self.codes) :]
        words = added[0] if len(added) == 1 else f"{added[0]} to {added[-1]}"
        return dealt.with_entry("joined", "", code=words)

    def code_of(self, path: str) -> str:
        """The code of a recording, or ``""``."""
        return str(self.codes.get(_normal(path), ""))

    def _dealt(self, paths: Iterable[str]) -> Blinding:
        new = sorted({_normal(path) for path in paths} - self.codes.keys(), key=self._place)
        lead = "R" if self.number == 1 else f"R{self.number}"
        count = len(self.codes)
        codes = {path: f"{lead}-{at:03d}" for at, path in enumerate(new, count + 1)}
        return replace(self, codes=FrozenDict({**self.codes, **codes}))

    def _place(self, path: str) -> str:
        return hashlib.sha256(f"{self.seed}\n{path}".encode("utf-8", "surrogatepass")).hexdigest()

    # ------------------------------------------------------------------ log

    def with_entry(
        self, kind: BlindingKind, by: str = "", *, code: str = "", reason: str = ""
    ) -> Blinding:
        """With one more line in the log.

        Raises
        ------
        BlindingError
            If the blinding has ended.
        """
        if self._ended:
            raise BlindingError("these recordings are not read blind any more")
        stamp = Stamp.now("blinding", by)
        entry = BlindingEntry(
            at=stamp.at,
            kind=kind,
            by=stamp.by,
            code=code,
            reason=" ".join(reason.split()),
            codes=_digest(dict(self.codes)),
        )
        return replace(self, log=(*self.log, entry.sealed(self._seal)))

    @property
    def _seal(self) -> str:
        """Digest of all there is before the next entry."""
        if self.log:
            return self.log[-1].digest
        return _digest([self.seed, self.number, self.reader, self.software, self.parameters])

    def what_was_changed(self) -> str:
        """What somebody changed in it since it was written, in words; ``""`` for nothing."""
        before = replace(self, log=())._seal
        for place, entry in enumerate(self.log, 1):
            if entry.sealed(before).digest != entry.digest:
                where = "its seed, reader or parameters" if place == 1 else "what is before it"
                return f"entry {place} of its log, or {where}"
            before = entry.digest
        if self.log and self.log[-1].codes != _digest(dict(self.codes)):
            return "its codes"
        return ""

    def to_dataframe(self) -> pd.DataFrame:
        """The codes, ``blind_code`` beside ``path``, in the order in which they were dealt.

        Raises
        ------
        BlindingError
            While it is active: the table says which recording is which.
        """
        import pandas as pd

        if self.active:
            raise BlindingError("the table of codes is there once the recordings are unblinded")
        rows = [(code, path, path.rpartition("/")[2]) for path, code in self.codes.items()]
        return pd.DataFrame(rows, columns=["blind_code", "path", "name"])

    def __repr__(self) -> str:
        state = "active" if self.active else "ended"
        return f"Blinding({len(self.codes)} recordings, reader {self.reader!r}, {state})"


def new_seed() -> int:
    """A seed drawn by chance, short enough to be written down."""
    return secrets.randbelow(1_000_000_000)


def usual_parameters() -> dict[str, dict[str, Any]]:
    """The default parameters of every analysis there is."""
    from cloudscope.analysis.registry import analysis_names, get_analysis

    return {
        name: {p.name: p.default for p in get_analysis(name).parameters}
        for name in analysis_names()
    }


def locked_values(locked: Mapping[str, Mapping[str, Any]], analysis: str) -> Mapping[str, Any]:
    """All parameters of an analysis as they are locked: the defaults of one that came later."""
    from cloudscope.analysis.parameters import validate_parameters
    from cloudscope.analysis.registry import get_analysis

    declared = get_analysis(analysis).parameters
    known = {p.name for p in declared}
    kept = {name: value for name, value in locked.get(analysis, {}).items() if name in known}
    return validate_parameters(declared, kept, owner=analysis)


def refuse_blind(images: Iterable[AcqImage], doing: str) -> None:
    """Refuse what would tell which recording is which.

    Raises
    ------
    BlindingError
        If one of the recordings is read blind.
    """
    if any(image.blinded for image in images):
        raise BlindingError(
            f"{doing} names recordings and their groups, and these are read blind: unblind them "
            "first"
        )


def _locked(given: Mapping[str, Mapping[str, Any]]) -> FrozenDict:
    from cloudscope.analysis.parameters import validate_parameters
    from cloudscope.analysis.registry import get_analysis

    locked: dict[str, Any] = usual_parameters()
    for name, values in given.items():
        locked[name] = validate_parameters(get_analysis(name).parameters, values, owner=name)
    return FrozenDict({name: FrozenDict(values) for name, values in locked.items()})


def _normal(path: str) -> str:
    # macOS writes accents as two characters, and the same file must have the same code everywhere
    return unicodedata.normalize("NFC", path)


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode("ascii"), digest_size=16).hexdigest()
