"""Directives whose content comes from the code, so that it cannot go out of date."""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx


def _table(titles: list[str], rows: list[list[str]]) -> nodes.table:
    table = nodes.table()
    group = nodes.tgroup(cols=len(titles))
    table += group
    for _ in titles:
        group += nodes.colspec(colwidth=1)
    for part, lines in ((nodes.thead(), [titles]), (nodes.tbody(), rows)):
        group += part
        for line in lines:
            row = nodes.row()
            part += row
            for cell in line:
                entry = nodes.entry()
                row += entry
                entry += nodes.paragraph(text=cell)
    return table


class AnalysisParameters(Directive):
    """``{analysis-parameters} NAME``: the declared parameters of an analysis."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Build the table."""
        from cloudscope import get_analysis

        rows = [
            [p.name, str(p.default), p.allowed, p.param.help]
            for p in get_analysis(self.arguments[0]).parameters
        ]
        return [_table(["parameter", "default", "allowed", "meaning"], rows)]


class AnalysisColumns(Directive):
    """``{analysis-columns} NAME``: the columns of an analysis' table."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Build the table."""
        from cloudscope import get_analysis

        rows = [[c.name, c.unit, c.help] for c in get_analysis(self.arguments[0]).columns]
        return [_table(["column", "unit", "meaning"], rows)]


class ExperimentFields(Directive):
    """``{experiment-fields}``: the fields of the experimental metadata."""

    required_arguments: ClassVar[int] = 0

    def run(self) -> list[nodes.Node]:
        """Build the table."""
        from cloudscope.metadata import experiment_fields

        rows = []
        for spec in experiment_fields():
            choices = ", ".join(choice for choice in spec.choices if choice)
            allowed = ("one of " if spec.closed else "for example ") + choices if choices else ""
            words = "; ".join(filter(None, [spec.help, spec.unit, allowed]))
            rows.append([spec.group, spec.title, spec.name, words])
        return [_table(["group", "title", "name", ""], rows)]


class CommandHelp(Directive):
    """``{command-help} NAME``: what ``cloudscope NAME --help`` prints."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Format the help."""
        import argparse
        import os

        from cloudscope.cli import parser

        os.environ["COLUMNS"] = "88"
        command = top = parser()
        if self.arguments:
            [commands] = [
                action for action in top._actions if isinstance(action, argparse._SubParsersAction)
            ]
            command = commands.choices[self.arguments[0]]
        text = command.format_help()
        return [nodes.literal_block(text, text, language="text")]


def _own_signature(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: str, returns: str
) -> tuple[str, str] | None:
    """The signature of ``__init__``; traitlets hides it behind ``*args, **kwargs``."""
    import inspect

    if what != "class" or signature != "(*args, **kwargs)" or "__init__" not in vars(obj):
        return None
    parameters = list(inspect.signature(obj.__init__).parameters.values())[1:]
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in parameters]
    return str(inspect.Signature(plain)), returns


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("analysis-parameters", AnalysisParameters)
    app.add_directive("analysis-columns", AnalysisColumns)
    app.add_directive("experiment-fields", ExperimentFields)
    app.add_directive("command-help", CommandHelp)
    app.connect("autodoc-process-signature", _own_signature)
    return {"parallel_read_safe": True}
