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
    numbers = np.zeros(int(codes.max(initial=0)) + 1, np.intp)
    numbers[codes] = 1
    letters = np.flatnonzero(numbers)
    numbers[letters] = np.arange(len(letters))
    return [chr(code) for code in letters.tolist()], numbers[codes]


def first_of(lengths: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return where each of some pieces begins that lie one after the other."""
    result: NDArray[np.intp] = (np.cumsum(lengths) - lengths).astype(np.intp)
    return result
