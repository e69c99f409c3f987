"""How many bytes a file declares, and whether they can be true."""

from __future__ import annotations

__all__ = ["cut_short", "problem_with_size", "size_text"]

# zlib and LZW reach a thousandfold on constant images; real recordings stay below thirtyfold
_MOST_BYTES_PER_FILE_BYTE = 250
_BYTES_ALWAYS_ALLOWED = 1 << 26


def size_text(count: int) -> str:
    """Bytes for people.

    Examples
    --------
    >>> size_text(3_200_000), size_text(812)
    ('3.2 MB', '812 bytes')
    """
    if count < 1_000:
        return f"{count} bytes"
    for unit in ("kB", "MB", "GB"):
        count_in_unit = count / {"kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]
        if count_in_unit < 1_000:
            break
    return f"{count_in_unit:.3g} {unit}" if count_in_unit < 1_000 else f"{count_in_unit:.0f} {unit}"


def problem_with_size(nbytes: int, file_bytes: int, offset: int | None = None) -> str:
    """Why a file of this size cannot hold so many bytes of pixels, or ``""``.

    Parameters
    ----------
    nbytes : int
        Of all decoded pixels.
    file_bytes : int
    offset : int, optional
        First byte of the pixels where they lie in one uncompressed piece.

    Examples
    --------
    >>> problem_with_size(80_000_000_000, 8_000)
    'it declares 80 GB of pixels in a file of 8 kB: damaged, or made to fill the memory'
    """
    if nbytes > max(_BYTES_ALWAYS_ALLOWED, _MOST_BYTES_PER_FILE_BYTE * file_bytes):
        return (
            f"it declares {size_text(nbytes)} of pixels in a file of {size_text(file_bytes)}: "
            f"damaged, or made to fill the memory"
        )
    if offset is not None and offset + nbytes > file_bytes:
        return cut_short(offset + nbytes, file_bytes)
    return ""


def cut_short(needed: int, available: int) -> str:
    """That a file ends before its pixels do."""
    if needed > _MOST_BYTES_PER_FILE_BYTE * available:
        return f"it is damaged: its pixels are said to end at byte {needed:,} of {available:,}"
    return f"the file is cut short: {size_text(available)} of {size_text(needed)} are there"
