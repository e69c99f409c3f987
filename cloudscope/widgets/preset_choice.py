"""`PresetChoice`: the settings of a form taken from, and kept under, a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

from cloudscope.errors import CloudscopeError
from cloudscope.folder_settings import FolderSettings
from cloudscope.presets import forget_preset, keep_preset, own_presets
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.parameter_form import ParameterForm

__all__ = ["PresetChoice"]

_AS_SET = ("as set here", "")
DEFAULTS = ("", "defaults")


class PresetChoice(ipywidgets.VBox):
    """A choice above a form: defaults, what the folder declares, what the user has kept.

    Parameters
    ----------
    form : ParameterForm
        Takes the parameters chosen; its values say which preset they are.
    """

    children: tuple[ipywidgets.Widget, ...]

    def __init__(self, form: ParameterForm) -> None:
        self._form, self._settings = form, FolderSettings()
        self._showing = False
        self._naming: ipywidgets.HBox | None = None
        self.choice = ipywidgets.Dropdown(
            options=[("defaults", DEFAULTS)],
            description="Settings",
            tooltip="Detection parameters under a name: of this folder, and your own",
        )
        self.keep_button = ipywidgets.Button(
            description="Keep…", tooltip="Keep these settings under a name, for other recordings"
        )
        self.forget_button = ipywidgets.Button(
            description="Forget", tooltip="Keep the settings of this name no longer"
        )
        for button in (self.keep_button, self.forget_button):
            button.add_class("cs-quiet")
        self._field = FormField(self.choice)
        self._line = ipywidgets.HBox([self._field, self.keep_button], _dom_classes=["cs-preset"])
        super().__init__([self._line], _dom_classes=["cs-presets"])
        self.choice.observe(self._chosen, "value")
        self.keep_button.on_click(lambda _: self._ask_name())
        self.forget_button.on_click(lambda _: self._try(self._forget))
        form.observe(lambda _: self._show(), "values")
        form.observe(lambda _: self._show_locked(), "locked")
        self.refresh()

    def offer(self, settings: FolderSettings) -> None:
        """Offer what a folder declares, beside the user's own."""
        self._settings = settings
        self.refresh()

    def refresh(self) -> None:
        """Look again at what is kept."""
        analysis = self._form.analysis.name
        declared = self._settings.presets.get(analysis, {})
        self._known: dict[tuple[str, str], dict[str, Any]] = {DEFAULTS: {}}
        self._known |= {("folder", name): dict(given) for name, given in declared.items()}
        self._field.error = ""
        try:
            own = own_presets(analysis)
        except CloudscopeError as error:
            own = {}
            self._field.error = str(error)
        self._known |= {("own", n): given for n, given in own.items() if n not in declared}
        self._show()

    def keep(self, name: str) -> None:
        """Keep the settings of the form under a name.

        Raises
        ------
        CloudscopeError
            If the form, or the name, is not allowed, or the name is one of the folder's.
        """
        analysis = self._form.analysis.name
        if self._form.error:
            raise CloudscopeError(f"not kept: {self._form.error}")
        if ("folder", " ".join(name.split())) in self._known:
            raise CloudscopeError(
                f"not kept: {name.strip()!r} is declared by the folder: give another name"
            )
        keep_preset(analysis, name, self._form.values)
        self.refresh()

    # ------------------------------------------------------------------ by hand

    def _chosen(self, change: Any) -> None:
        if not self._showing and change["new"] != _AS_SET:
            self._try(lambda: self._form.load(self._known[change["new"]]))

    def _forget(self) -> None:
        forget_preset(self._form.analysis.name, self.choice.value[1])
        self.refresh()

    def _ask_name(self) -> None:
        """A line for the name; it is made when it is first wanted."""
        if self._naming is None:
            self.name = ipywidgets.Text(
                description="Name", placeholder="for example fast capillary"
            )
            self.name_field = FormField(self.name)
            self.kept_button = ipywidgets.Button(description="Keep")
            self.kept_button.add_class("cs-primary")
            dismiss = ipywidgets.Button(description="Not now")
            self._naming = ipywidgets.HBox(
                [self.name_field, self.kept_button, dismiss], _dom_classes=["cs-preset"]
            )
            self.kept_button.on_click(lambda _: self._keep_named())
            self.name.on_msg(self._told)
            dismiss.on_click(lambda _: self._close_naming())
        kind, name = self.choice.value
        self.name.value, self.name_field.error = (name if kind == "own" else ""), ""
        self.children = (self._line, self._naming)
        self.name.focus()

    def _told(self, widget: Any, content: Any, buffers: Any) -> None:
        if content.get("event") == "submit":  # Enter
            self._keep_named()

    def _keep_named(self) -> None:
        try:
            self.keep(self.name.value)
        except CloudscopeError as error:
            self.name_field.error = str(error)
        else:
            self._close_naming()

    def _close_naming(self) -> None:
        self.children = (self._line,)

    def _try(self, action: Callable[[], None]) -> None:
        self._field.error = ""
        try:
            action()
        except CloudscopeError as error:
            self._show()
            self._field.error = str(error)

    # ------------------------------------------------------------------ what is shown

    def _show(self) -> None:
        """Say which of them the values of the form are."""
        values, defaults = self._form.values, self._form.defaults
        same = [key for key, given in self._known.items() if {**defaults, **given} == values]
        now = self.choice.value if self.choice.value in same else (same or [_AS_SET])[0]
        options = [(_title(key), key) for key in self._known]
        if now == _AS_SET:
            options.append(("as set here", _AS_SET))
        self._showing = True
        try:
            if list(self.choice.options) != options:
                self.choice.options = options
            self.choice.value = now
        finally:
            self._showing = False
        parts: tuple[ipywidgets.Widget, ...] = (self._field, self.keep_button)
        if now[0] == "own":
            parts = (*parts, self.forget_button)
        if self._line.children != parts:
            self._line.children = parts

    def _show_locked(self) -> None:
        self._close_naming()
        self.layout.display = "none" if self._form.locked else None

    def __repr__(self) -> str:
        return f"PresetChoice({self._form.analysis.name!r}: {_title(self.choice.value)})"


def _title(key: tuple[str, str]) -> str:
    kind, name = key
    return f"{name} (this folder)" if kind == "folder" else name or kind
