"""Detection parameters under a name: those a folder declares, and those a user keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.analysis.parameters import validate_parameters
from cloudscope.analysis.registry import get_analysis
from cloudscope.errors import ParameterError, PresetError, UnknownNameError
from cloudscope.sidecar.atomic import replace_file
from cloudscope.state_folder import STATE_VARIABLE, state_folder

if TYPE_CHECKING:
    from cloudscope.folder_settings import FolderSettings

__all__ = ["check_declared", "forget_preset", "keep_preset", "own_presets", "presets_of"]

_FILE = "presets.json"
_VERSION = 1
_LONGEST_NAME = 60


def presets_of(analysis: str, settings: FolderSettings | None = None) -> dict[str, dict[str, Any]]:
    """Detection parameters by the name they are kept under.

    Parameters
    ----------
    analysis : str
        A registered name.
    settings : FolderSettings, optional
        Of a folder, ``folder.settings``: what its ``cloudscope.toml`` declares comes first, and
        holds where the user has kept something else under the same name.

    Returns
    -------
    dict
        For ``image.analyze(analysis, **parameters)``; what a preset does not name is at its
        default.

    Raises
    ------
    UnknownNameError
        If there is no such analysis.
    PresetError
        If the user's own presets cannot be read.

    Examples
    --------
    >>> from cloudscope.folder_settings import FolderSettings
    >>> declared = {"presets": {"radon_velocity": {"fast": {"window_lines": 32}}}}
    >>> presets_of("radon_velocity", FolderSettings.from_dict(declared))["fast"]
    {'window_lines': 32}
    """
    get_analysis(analysis)
    declared = {} if settings is None else settings.presets.get(analysis, {})
    own = {name: given for name, given in own_presets(analysis).items() if name not in declared}
    return {name: dict(given) for name, given in {**declared, **own}.items()}


def own_presets(analysis: str) -> dict[str, dict[str, Any]]:
    """Those that this user has kept for an analysis, by name.

    Raises
    ------
    PresetError
        If the file cannot be read.
    """
    return dict(sorted(_read().get(analysis, {}).items(), key=lambda item: item[0].casefold()))


def keep_preset(analysis: str, name: str, parameters: Mapping[str, Any]) -> str:
    """Keep detection parameters under a name, in place of what was kept under it.

    They are kept for this user, not in the folder of recordings: to share them, declare them in
    the folder's ``cloudscope.toml``.

    Parameters
    ----------
    analysis : str
        A registered name.
    name : str
    parameters : mapping
        Those left out are kept at the defaults of today.

    Returns
    -------
    str
        The name as it is kept, without blanks around it.

    Raises
    ------
    UnknownNameError
        If there is no such analysis.
    ParameterError
        If the name or a value is not allowed.
    PresetError
        If nothing can be kept, or what is there cannot be read; it is left as it is then.
    """
    spec = get_analysis(analysis)
    checked = validate_parameters(spec.parameters, parameters, owner=analysis)
    name = _checked_name(name)
    kept = _read()
    _write({**kept, analysis: {**kept.get(analysis, {}), name: checked}})
    return name


def forget_preset(analysis: str, name: str) -> None:
    """Keep it no longer.

    Raises
    ------
    UnknownNameError
        If nothing is kept under that name.
    PresetError
        If the file cannot be read or written.
    """
    kept = _read()
    if name not in kept.get(analysis, {}):
        raise UnknownNameError(f"there is no preset {name!r} of {analysis} among your own")
    rest = {one: given for one, given in kept[analysis].items() if one != name}
    _write({**kept, analysis: rest})


def check_declared(settings: FolderSettings) -> None:
    """Whether the presets of a folder fit the analyses there are.

    Raises
    ------
    ParameterError
        Naming the analysis, preset or parameter that is not allowed.
    """
    for analysis, named in settings.presets.items():
        try:
            spec = get_analysis(analysis)
        except UnknownNameError as error:
            raise ParameterError(f"[presets.{analysis}] is not allowed: {error}") from None
        for name, given in named.items():
            try:
                _checked_name(name)
                validate_parameters(spec.parameters, given, owner=analysis)
            except ParameterError as error:
                raise ParameterError(f'[presets.{analysis}."{name}"]: {error}') from None


def _checked_name(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > _LONGEST_NAME or not tidy.isprintable():
        raise ParameterError(
            f"name={name!r} is not allowed: give 1 to {_LONGEST_NAME} letters, digits or signs"
        )
    return tidy


def _place() -> Path | None:
    folder = state_folder()
    return None if folder is None else folder / _FILE


def _read() -> dict[str, dict[str, dict[str, Any]]]:
    path = _place()
    if path is None:
        return {}
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise PresetError(f"{path}: it cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise PresetError(
            f"{path}: it is no JSON ({error}): mend it, or move it away and keep presets anew"
        ) from error
    kept = content.get("presets") if isinstance(content, dict) else None
    if not _understood(kept) or content.get("version") != _VERSION:
        raise PresetError(
            f"{path}: it was written by another version, or by hand: move it away and keep presets "
            "anew"
        )
    assert isinstance(kept, dict)
    return kept


def _understood(kept: Any) -> bool:
    return isinstance(kept, dict) and all(
        isinstance(named, dict) and all(isinstance(given, dict) for given in named.values())
        for named in kept.values()
    )


def _write(kept: Mapping[str, Any]) -> None:
    path = _place()
    if path is None:
        raise PresetError(f"nothing is kept here: {STATE_VARIABLE} is off")
    data = json.dumps({"version": _VERSION, "presets": kept}, ensure_ascii=False, indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, data.encode())
    except (OSError, UnicodeEncodeError) as error:
        raise PresetError(f"{path}: the preset cannot be kept: {error}") from error
