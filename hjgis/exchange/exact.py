"""Values of vector files as they are stored, where their reader hands them out blurred.

pyogrio has no missing whole numbers: one null makes a column of them, or of yes and no, floats,
which cannot tell the last digits of a long number. Single precision comes with digits that nobody
wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

# From here on a float does not tell one whole number from the next.
_BLURRED: Final = 2.0**53


def column(data: NDArray[Any], kind: str, texts: Callable[[], NDArray[Any]]) -> NDArray[Any]:
    """Return a column as it is stored.

    Parameters
    ----------
    data : array, shape (n,)
        As pyogrio gives it.
    kind : str
        The type that the file declares, in numpy's words.
    texts : callable
        Reads the column once more, as text, shape (n,).

    Returns
    -------
    array, shape (n,)
        Whole numbers and yes/no with None between them as objects; single precision as float64
        with the digits that tell it.
    """
    if kind == "float32" and data.dtype == np.float32:
        return data.astype(str).astype(np.float64)
    if data.dtype.kind != "f" or not (kind == "bool" or kind.startswith(("int", "uint"))):
        return data
    known = ~np.isnan(data)
    result = np.full(len(data), None, dtype=object)
    if kind == "bool":
        result[known] = data[known].astype(bool).tolist()
    elif np.any(np.abs(data[known]) >= _BLURRED):
        result[known] = [int(text) for text in texts()[known]]
    else:
        result[known] = data[known].astype(np.int64).tolist()
    return result
