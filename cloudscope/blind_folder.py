"""`BlindFolder`: recordings of a folder that can be read without knowing which is which."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from traitlets import Instance, validate

from cloudscope.acq_image import AcqImage
from cloudscope.blinding import Blinding, BlindingKind
from cloudscope.blinding_file import BLINDING_NAME, BlindingFile, find_blinding
from cloudscope.errors import BlindingError
from cloudscope.folder_listing import natural_key, relative_to
from cloudscope.recording_folder import LoadFailure
from cloudscope.veil import Veil, hide_names
from cloudscope.watched_folder import WatchedFolder

__all__ = ["BlindFolder"]


class BlindFolder(WatchedFolder):
    """A folder whose recordings can be read blind: names hidden, order shuffled, log kept."""

    blinding = Instance(Blinding, allow_none=True, read_only=True)
    """The last blinding of the folder, active or ended; ``None`` without one. Read-only."""

    _blinding_file: BlindingFile | None = None
    _holds: Blinding | None = None  # what is in force; observers of `blinding` hear of it last
    _veil: Veil | None = None

    def _opened_from(self) -> None:
        self._find_blinding()

    # ------------------------------------------------------------------ start and end

    @property
    def blinded(self) -> bool:
        """Whether the recordings are read blind."""
        return self._holds is not None and self._holds.active

    def start_blinding(
        self,
        reader: str,
        *,
        seed: int | None = None,
        parameters: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Blinding:
        """Hide names, groups and metadata, shuffle the order, and lock parameters, until `unblind`.

        It is written into ``cloudscope-blinding.json`` in the folder (or in its results folder,
        where the folder cannot be written to), so that whoever opens the folder reads blind.

        Parameters
        ----------
        reader : str
            Who reads the recordings.
        seed : int, optional
            Of the order; drawn by chance by default. It is kept in the file.
        parameters : mapping, optional
            Detection parameters to lock, by analysis; the rest is locked to its defaults.

        Returns
        -------
        Blinding

        Raises
        ------
        ParameterError
            If the reader has no name, or the seed or a parameter is not allowed.
        BlindingError
            If these recordings are not those of a folder, are read blind already, or the file
            cannot be written; nothing is hidden then.

        Examples
        --------
        >>> import numpy as np, pathlib, tempfile
        >>> from cloudscope import AcqImageList
        >>> place = pathlib.Path(tempfile.mkdtemp())
        >>> for name in ("sham", "drug"):
        ...     np.save(place / f"{name}.npy", np.zeros((9, 9)))
        >>> folder = AcqImageList.from_folder(place)
        >>> blinding = folder.start_blinding("Ann", seed=2)
        >>> [image.name for image in folder], folder.blinded
        (['R-001', 'R-002'], True)
        >>> ended = folder.unblind("all are judged", by="Ann")
        >>> [(image.blind_code, image.name) for image in folder]
        [('R-002', 'drug.npy'), ('R-001', 'sham.npy')]
        """
        if self.folder is None:
            raise BlindingError("only the recordings of a folder can be read blind: open one")
        if self.blinded:
            raise BlindingError("these recordings are read blind already")
        file = self._look() or self._new_file()
        paths = self._paths(file)

        def make(number: int) -> Blinding:
            return Blinding.start(paths, reader, seed=seed, parameters=parameters, number=number)

        try:
            blinding = file.start(make)
        except BlindingError:
            elsewhere = self._file_in_results()
            if elsewhere is None or elsewhere == file or file.path.exists():
                raise
            file = elsewhere
            file.path.parent.mkdir(parents=True, exist_ok=True)
            blinding = file.start(make)
        self._take(file, blinding)
        return blinding

    def unblind(self, reason: str, *, by: str = "") -> Blinding:
        """Show the names again, once that is written into the log.

        Parameters
        ----------
        reason : str
            Why, for example ``"all recordings are judged"``.
        by : str
            Who; the account by default.

        Raises
        ------
        BlindingError
            If the recordings are not read blind, no reason is given, or the log cannot be written:
            the names stay hidden then.
        """
        if not reason.strip():
            raise BlindingError("say why the recordings are unblinded: it is kept in the log")
        return self._log("unblinded", by, reason=reason)

    def look_behind(self, code: str, reason: str, *, by: str = "") -> str:
        """The path behind one code, once that is written into the log.

        Raises
        ------
        UnknownNameError
            If there is no such code.
        BlindingError
            If the recordings are not read blind, no reason is given, or the log cannot be written.
        """
        if not reason.strip():
            raise BlindingError("say why this code is looked behind: it is kept in the log")
        if self.blinding is None:
            raise BlindingError("these recordings are not read blind")
        path = self.blinding.path_of(code)
        self._log("looked", by, code=self.blinding.code_of(path), reason=reason)
        return path

    def log_reading(self, kind: BlindingKind, *, by: str = "") -> Blinding:
        """Write into the log that the blinded recordings were ``"opened"`` or ``"closed"``.

        Raises
        ------
        BlindingError
            If the recordings are not read blind, or the log cannot be written.
        """
        return self._log(kind, by)

    def name_of(self, failure: LoadFailure) -> str:
        """What a file that cannot be read is called: its name, or its code while read blind."""
        if not self.blinded:
            return failure.name
        return self._code_of(failure.path) or "a file"

    def reason_of(self, failure: LoadFailure) -> str:
        """Why a file could not be read, without names while the folder is read blind."""
        return hide_names(failure.reason) if self.blinded else failure.reason

    # ------------------------------------------------------------------ the file

    def _look(self) -> BlindingFile | None:
        if self.folder is None:
            return None
        places = {image.path.parent for image in self.images if image.path is not None}
        places |= {failure.path.parent for failure in self.failures}
        return find_blinding(self.folder, self.results_folder, places)

    def _find_blinding(self) -> None:
        file = self._look()
        if file is not None and (there := file.read()):
            self._take(file, there[-1])

    def _new_file(self) -> BlindingFile:
        assert self.folder is not None
        whole = self.folder.absolute()
        return BlindingFile(whole / BLINDING_NAME, whole)

    def _file_in_results(self) -> BlindingFile | None:
        if self.results_folder is None or self.folder is None:
            return None
        place = self.results_folder.absolute() / BLINDING_NAME
        return BlindingFile(place, self.folder.absolute())

    def _log(self, kind: BlindingKind, by: str, *, code: str = "", reason: str = "") -> Blinding:
        if self._blinding_file is None or not self.blinded:
            raise BlindingError("these recordings are not read blind")
        blinding = self._blinding_file.change(
            lambda now: now.with_entry(kind, by or self.settings.user, code=code, reason=reason)
        )
        self._take(self._blinding_file, blinding)
        return blinding

    # ------------------------------------------------------------------ codes and order

    def _take(self, file: BlindingFile, blinding: Blinding) -> None:
        """Show names or codes as a blinding says, and the recordings in its order."""
        was, self._holds, self._blinding_file = self._holds, blinding, file
        if was is None or was.active != blinding.active or was.codes != blinding.codes:
            self._draw(blinding)
            self.failures = self.failures
            self.images = self.images
        self.set_trait("blinding", self._holds)

    def _draw(self, blinding: Blinding) -> None:
        if not blinding.active or self._blinding_file is None:
            self._veil = None
            return
        roots = [self._blinding_file.root, self._blinding_file.root.resolve()]
        roots += [self.results_folder.absolute()] if self.results_folder is not None else []
        roots += [self.folder] if self.folder is not None else []
        self._veil = Veil(blinding.codes, dict.fromkeys(map(str, roots)))

    def _paths(self, file: BlindingFile) -> list[str]:
        files = [self._path_in(file, failure.path) for failure in self.failures]
        return [
            *(self._image_path(file, image) for image in self.images if image.path is not None),
            *(path for path in files if path and not path.endswith(".toml")),
        ]

    def _path_in(self, file: BlindingFile, path: Path) -> str:
        whole = path.absolute()
        return relative_to(file.root, whole) if whole.is_relative_to(file.root) else ""

    def _image_path(self, file: BlindingFile, image: AcqImage) -> str:
        assert image.path is not None
        path = relative_to(file.root, image.path.absolute())
        return f"{path} · {image.image_name}" if image.image_name else path

    def _code_of(self, path: Path) -> str:
        if self._holds is None or self._blinding_file is None:
            return ""
        return self._holds.code_of(self._path_in(self._blinding_file, path))

    @validate("images")
    def _as_read(self, proposal: Any) -> tuple[AcqImage, ...]:
        images: tuple[AcqImage, ...] = proposal["value"]
        if self._blinding_file is None:
            return images
        file, blinding = self._blinding_file, self._joined(self._blinding_file, images)
        for image in images:
            code = "" if image.path is None else blinding.code_of(self._image_path(file, image))
            image.take_blinding(code, blinding.active, blinding.parameters)
        if blinding.active:
            return tuple(sorted(images, key=lambda image: natural_key(image.blind_code)))
        return tuple(sorted(images, key=_natural_place))

    @validate("failures")
    def _failures_as_read(self, proposal: Any) -> tuple[LoadFailure, ...]:
        failures: tuple[LoadFailure, ...] = proposal["value"]
        if not self.blinded:
            return failures
        return tuple(sorted(failures, key=lambda failure: natural_key(self._code_of(failure.path))))

    def _joined(self, file: BlindingFile, images: Iterable[AcqImage]) -> Blinding:
        """The blinding with codes for recordings that are new to it."""
        assert self._holds is not None
        paths = [self._image_path(file, image) for image in images if image.path is not None]
        more = self._holds.with_recordings(paths)
        if more is self._holds:
            return more
        # a folder that cannot be written to any more must not show the names of what is new
        with contextlib.suppress(BlindingError):
            more = file.change(lambda now: now.with_recordings(paths))
        self._holds = more
        self._draw(more)
        self.set_trait("blinding", more)
        return more


def _natural_place(image: AcqImage) -> tuple[object, ...]:
    return natural_key(str(image.path)), image.header.image_index
