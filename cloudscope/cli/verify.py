"""Check that the saved numbers of a folder still hold; nothing is changed or written.

Each result's table is compared with its digest, and the source file with the fingerprint it had;
what was changed since (a ROI, a scale, an input) is reported as stale. With --recompute everything
that is not stale is measured again with its own parameters and compared to the last bit.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from cloudscope.cli.results import add_results_argument
from cloudscope.cli.text_table import text_table

if TYPE_CHECKING:
    from cloudscope.verification import Finding

SUMMARY = "check that saved numbers still hold"
EXAMPLES = """\
examples:
  cloudscope verify recordings
  cloudscope verify recordings --recompute
  cloudscope verify recordings --json > findings.json

The exit code is 1 if a number differs or cannot be read, and 0 if all hold or are only stale.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``cloudscope verify``."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="folders and recordings")
    parser.add_argument(
        "--recompute", action="store_true", help="measure again and compare to the last bit"
    )
    parser.add_argument(
        "--recursive",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether to look into sub-folders (default: yes)",
    )
    add_results_argument(parser)
    parser.add_argument("--json", action="store_true", help="print JSON for other programs")


def run(options: argparse.Namespace) -> int:
    """Run ``cloudscope verify``."""
    from tqdm import tqdm

    from cloudscope.cli.analyze import opened
    from cloudscope.verification import Finding, verify

    folder = opened(options.paths, options.recursive, options.results)
    findings = [Finding(f.name, None, "lost", str(f.reason)) for f in folder.failures]
    for image in tqdm(folder.images, desc="verify", disable=True if options.json else None):
        found = verify(image, recompute=options.recompute)
        name = folder.relative_path(image)
        findings += [Finding(name, f.key, f.verdict, f.sentence) for f in found]
        image.release_pixels()
    if options.json:
        print(json.dumps([as_dict(finding) for finding in findings], indent=2, ensure_ascii=False))
    else:
        print(as_text(findings))
    bad = sum(finding.bad for finding in findings)
    if bad and not options.json:
        print(f"cloudscope verify: {bad} to look at", file=sys.stderr)
    return 1 if bad else 0


def as_dict(finding: Finding) -> dict[str, Any]:
    """A finding as plain values."""
    analysis, channel, roi_id = finding.key or (None, None, None)
    return {
        "name": finding.name,
        "analysis": analysis,
        "channel": channel,
        "roi_id": roi_id,
        "verdict": finding.verdict,
        "sentence": finding.sentence,
    }


def as_text(findings: list[Finding]) -> str:
    """What was found, for people: everything that does not simply hold, and the counts."""
    rows = []
    for finding in findings:
        if finding.verdict != "holds":
            analysis, channel, roi_id = finding.key or ("", "", "")
            where = f"ROI {roi_id}" if roi_id else ("whole" if finding.key else "")
            what = f"{analysis}, channel {channel}" if finding.key else "sidecar or file"
            rows.append([finding.name, what, where, finding.verdict, finding.sentence])
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.verdict] = counts.get(finding.verdict, 0) + 1
    summed = ", ".join(f"{verdict} {count}" for verdict, count in counts.items())
    total = f"{len(findings)} checked: {summed}" if findings else "there is nothing to check"
    if not rows:
        return total
    return text_table(["recording", "result", "where", "", ""], rows) + "\n" + total
