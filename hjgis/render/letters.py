"""Many short texts as one array of letters: what is known of a letter is looked up once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def letters_of(texts: Sequence[str]) -> tuple[list[str], NDArray[np.intp]]:
    """Return the different letters of texts, and which of them stands at each place.

    Returns
    -------
    letters : list of str
        Each letter once.
    at : array of int, shape (total length of the texts,)
        Index into `letters`, text after text.
    """
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    letters, at = np.unique(codes, return_inverse=True)
    return [chr(code) for code in letters.tolist()], at


def first_of(lengths: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return where each of some pieces begins that lie one after the other."""
    result: NDArray[np.intp] = (np.cumsum(lengths) - lengths).astype(np.intp)
    return result
