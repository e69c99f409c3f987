"""All screenshots of the browser tests on one sheet: ``python -m tests.browser.contact_sheet``.

It runs the stories in JupyterLab, Notebook 7, Voila and the desktop window, light and dark, in a
small window too, and puts what they photographed on one picture, ``test-output/contact-sheet.png``.
``--no-run`` takes the pictures that are there.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "test-output"
STORIES = (
    "test_app_lab.py",
    "test_app_notebook7.py",
    "test_app_voila.py",
    "test_panels_lab.py",
    "test_drawers_lab.py",
    "test_desktop.py",
)
WIDTH_PX, HEIGHT_PX, LABEL_PX, COLUMNS = 480, 300, 18, 5


def sheet(pictures: list[Path]) -> Image.Image:
    """The pictures in rows, each with its name below."""
    rows = -(-len(pictures) // COLUMNS)
    size = (COLUMNS * WIDTH_PX, rows * (HEIGHT_PX + LABEL_PX))
    whole = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(whole)
    for place, path in enumerate(pictures):
        row, column = divmod(place, COLUMNS)
        left, top = column * WIDTH_PX, row * (HEIGHT_PX + LABEL_PX)
        with Image.open(path) as picture:
            small = picture.convert("RGB")
        small.thumbnail((WIDTH_PX - 6, HEIGHT_PX - 6), Image.Resampling.LANCZOS)
        whole.paste(small, (left + 3, top + 3))
        name = path.relative_to(OUTPUT).with_suffix("").as_posix().removeprefix("test_")
        draw.text((left + 4, top + HEIGHT_PX), name, fill="black")
    return whole


def main() -> int:
    parser = argparse.ArgumentParser(description="All screenshots of the stories on one sheet.")
    parser.add_argument("--no-run", action="store_true", help="take the pictures there are")
    options = parser.parse_args()
    code = 0
    if not options.no_run:
        stories = [str(Path("tests/browser") / story) for story in STORIES]
        code = subprocess.run([sys.executable, "-m", "pytest", "-q", *stories], cwd=ROOT).returncode
    folders = [OUTPUT / Path(story).stem for story in STORIES]
    pictures = [path for folder in folders for path in sorted(folder.glob("*.png"))]
    if not pictures:
        print(f"there is no picture in {OUTPUT}: run it without --no-run")
        return 1
    target = OUTPUT / "contact-sheet.png"
    sheet(pictures).save(target)
    print(f"{len(pictures)} pictures on {target.relative_to(ROOT)}")
    return code


if __name__ == "__main__":
    sys.exit(main())
