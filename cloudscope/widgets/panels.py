"""The panels of the app's right side: one entry each, and tabs that make them when first opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.errors import ParameterError, UnknownNameError
from cloudscope.widgets.batch_panel import BatchPanel
from cloudscope.widgets.closing import close_all
from cloudscope.widgets.events_panel import EventsPanel
from cloudscope.widgets.export_panel import ExportPanel
from cloudscope.widgets.figure_panel import FigurePanel
from cloudscope.widgets.measure_panel import MeasurePanel
from cloudscope.widgets.metadata_form import MetadataForm
from cloudscope.widgets.pool_panel import PoolPanel
from cloudscope.widgets.results_panel import ResultsPanel
from cloudscope.widgets.review_panel import ReviewPanel
from cloudscope.widgets.roi_panel import RoiPanel
from cloudscope.widgets.theme import heading_html, theme_style

if TYPE_CHECKING:
    from cloudscope.widgets.app import App

__all__ = ["PANELS", "ClosedPanel", "Panel", "PanelTabs"]

_OF_THE_APP = ("image", "folder")
_OF_THE_VIEWER = ("selected_roi_id", "channel")


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of the app.

    Attributes
    ----------
    title : str
        On its tab, and its name for `App.panel`.
    build : callable
        Makes the widget, given the app. Where the widget has the traits ``image`` and ``folder``
        they follow the app; ``selected_roi_id`` and ``channel`` follow the viewer, both ways.
    """

    title: str
    build: Callable[[App], ipywidgets.Widget]


def _batch(app: App) -> ipywidgets.Widget:
    def parameters_of(analysis: str) -> dict[str, Any]:
        section = app.measure.sections[analysis]
        if section.error:
            raise ParameterError(f"{section.title} in the Measure panel: {section.error}")
        return dict(section.form.changed) if section.built else {}

    def show(image: AcqImage) -> None:
        app.image = image

    return BatchPanel(app.status, app.table, show, parameters_of)


def _pool(app: App) -> ipywidgets.Widget:
    def show(image: AcqImage) -> None:
        app.image = image

    return PoolPanel(app.viewer, app.status, app.page.copy, show)


def _figure(app: App) -> ipywidgets.Widget:
    return FigurePanel(app.viewer, app.view.stack, app.status, app.page.copy)


def _review(app: App) -> ipywidgets.Widget:
    def show(image: AcqImage) -> None:
        app.image = image

    return ReviewPanel(app.table, app.status, app.judge, show, app.page.copy)


PANELS: tuple[Panel, ...] = (
    Panel("ROIs", lambda app: RoiPanel()),
    Panel("Measure", lambda app: MeasurePanel(app.status, app.page.copy)),
    Panel("Batch", _batch),
    Panel("Events", lambda app: EventsPanel(app.viewer, app.status)),
    Panel("Metadata", lambda app: MetadataForm(table=app.table)),
    Panel("Results", lambda app: ResultsPanel(copy=app.page.copy, status=app.status)),
    Panel("Pool", _pool),
    Panel("Figure", _figure),
    Panel("Export", lambda app: ExportPanel(app.status, app.page.copy, app.table)),
    Panel("Review", _review),
)
"""In the order of the tabs."""


class PanelTabs(ipywidgets.Tab):
    """Tabs of panels, each made when it is first opened.

    A panel is up to hundreds of widgets; all of them at once would be more messages than a
    Jupyter server passes on in its first seconds, and it drops the rest.

    Parameters
    ----------
    app : App
    panels : sequence of Panel
    opened : str
        Title of the panel shown first.
    """

    def __init__(self, app: App, panels: Sequence[Panel] = PANELS, *, opened: str) -> None:
        self._app = app
        self._panels = {panel.title: panel for panel in panels}
        self._titles = tuple(self._panels)
        self._rooms = {title: ipywidgets.Box(_dom_classes=["cs-room"]) for title in self._panels}
        self._built: dict[str, ipywidgets.Widget] = {}
        self._links: dict[str, list[Any]] = {}
        self._closed: Mapping[str, str] = {}
        super().__init__(
            list(self._rooms.values()),
            titles=self._titles,
            selected_index=self._titles.index(opened),
            _dom_classes=["cs-app-tabs"],
        )
        self.panel(opened)
        self.observe(
            app.status.guarded("Opening a panel", lambda _: self.panel(self.opened)),
            "selected_index",
        )

    @property
    def opened(self) -> str:
        """Title of the panel shown."""
        return self._titles[self.selected_index or 0]

    def show(self, title: str) -> None:
        """Bring a panel to the front."""
        self.panel(title)
        self.selected_index = self._titles.index(title)

    def built(self, title: str) -> ipywidgets.Widget | None:
        """The panel of this title if it is made already, else ``None``."""
        return self._built.get(title)

    def panel(self, title: str) -> ipywidgets.Widget:
        """The panel of this title, made now if it is not yet; one that is closed says why.

        Raises
        ------
        UnknownNameError
            If there is no such panel.
        """
        if title not in self._panels:
            there = ", ".join(self._titles)
            raise UnknownNameError(f"there is no panel {title!r}; there are {there}")
        if title not in self._built:
            if title in self._closed:
                panel: ipywidgets.Widget = ClosedPanel(title, self._closed[title])
            else:
                panel = self._panels[title].build(self._app)
            self._built[title] = panel
            self._links[title] = list(self._follow(panel))
            self._rooms[title].children = (panel,)
        return self._built[title]

    def reopen(self, closed: Mapping[str, str]) -> None:
        """Make all panels but Measure anew when they are next opened: none keeps what it said.

        Parameters
        ----------
        closed : mapping of str to str
            Titles of panels that are not made, with the sentence shown instead.
        """
        self._closed = closed
        for title in [title for title in self._built if title != "Measure"]:
            panel = self._built.pop(title)
            for link in self._links.pop(title, ()):
                link.unlink()
            for name in _OF_THE_APP:
                if panel.has_trait(name):
                    setattr(panel, name, None)
            self._rooms[title].children = ()
            close_all(panel)
        self.panel(self.opened)

    def close(self) -> None:
        """Close the panels made."""
        for panel in self._built.values():
            panel.close()
        super().close()

    def _follow(self, panel: ipywidgets.Widget) -> Iterator[Any]:
        for name in _OF_THE_VIEWER:
            if panel.has_trait(name):
                yield traitlets.link((self._app.viewer, name), (panel, name))
        for name in reversed(_OF_THE_APP):  # the folder first: an image is one of its
            if panel.has_trait(name):
                yield traitlets.dlink((self._app, name), (panel, name))


class ClosedPanel(ipywidgets.VBox):
    """In the place of a panel that is closed: why.

    Parameters
    ----------
    title, reason : str
    """

    def __init__(self, title: str, reason: str) -> None:
        words = f'<p class="cs-hint" role="status">{escape(reason)}</p>'
        section = ipywidgets.VBox(
            [ipywidgets.HTML(heading_html(title, "closed")), ipywidgets.HTML(words)],
            _dom_classes=["cs-section"],
        )
        super().__init__([theme_style(), section], _dom_classes=["cs-panel", "cs-closed"])
