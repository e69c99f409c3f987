"""``import cloudscope`` is cheap: what a name needs is loaded when the name is used."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

HEAVY = {
    "IPython", "anywidget", "bqplot", "dask", "filelock", "imagecodecs", "ipywidgets", "numpy",
    "pandas", "scipy", "skimage", "tifffile", "tqdm", "traitlets", "zarr",
}  # fmt: skip


def modules_after(statement: str) -> set[str]:
    """Names of the modules a fresh interpreter holds after `statement`, less its own."""
    program = (
        "import json, sys; before = set(sys.modules)\n"
        f"{statement}\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    return set(json.loads(done.stdout))


def heavy(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules} & HEAVY


def test_importing_the_package_loads_nothing_but_itself() -> None:
    modules = modules_after("import cloudscope")
    assert heavy(modules) == set()
    assert {name for name in modules if name.startswith("cloudscope")} == {"cloudscope"}
    assert len(modules) <= 20


@pytest.mark.parametrize(
    "statement",
    [
        "import cloudscope; cloudscope.__version__; dir(cloudscope)",
        "from cloudscope import Roi, ImageHeader, ExperimentMetadata, LoadError",
        "from cloudscope import analysis_names; analysis_names()",
        "import cloudscope.cli",
        "import cloudscope.serve, cloudscope.bootstrap",
    ],
)
def test_values_and_the_command_line_load_no_numpy_and_no_widgets(statement: str) -> None:
    assert heavy(modules_after(statement)) == set()


def test_the_model_loads_no_widgets() -> None:
    modules = modules_after("from cloudscope import AcqImage, AcqImageList")
    assert heavy(modules).isdisjoint({"anywidget", "bqplot", "ipywidgets", "IPython"})
    assert not any(name.startswith("cloudscope.widgets") for name in modules)


@pytest.mark.parametrize("name", ["radon_velocity", "diameter", "intensity"])
def test_an_analysis_loads_neither_widgets_nor_models(name: str) -> None:
    modules = modules_after(f"import cloudscope; cloudscope.{name}")
    assert heavy(modules) <= {"numpy", "scipy"}
    ours = {name for name in modules if name.startswith("cloudscope.")}
    assert all(name.startswith(("cloudscope.analysis", "cloudscope.errors")) for name in ours)


def test_every_public_name_exists() -> None:
    import cloudscope

    missing = [name for name in cloudscope.__all__ if not hasattr(cloudscope, name)]
    assert missing == []
    assert set(cloudscope.__all__) <= set(dir(cloudscope))


def test_an_unknown_name_is_an_attribute_error() -> None:
    import cloudscope

    with pytest.raises(AttributeError, match="no attribute 'AcqImag'"):
        cloudscope.AcqImag  # noqa: B018 - the access is the test
