"""Photos as cameras write them, made by script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

# Degrees of longitude and latitude in the town.
TOWN = (107.1486, 40.8872)


def make_photo(
    path: Path,
    *,
    size: tuple[int, int] = (64, 48),
    place: tuple[float, float] | None = TOWN,
    taken: str = "2026:06:15 10:03:04",
    orientation: int = 1,
    quality: int = 90,
    noise: int = 0,
) -> Path:
    """Write a JPEG with position and date; `noise` makes pictures differ, and large."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Maker", "Model 7", orientation
    exif.get_ifd(0x8769).update({0x9003: taken, 0x9011: "+08:00"})
    if place is not None:
        exif.get_ifd(0x8825).update(gps(*place))
    path.parent.mkdir(parents=True, exist_ok=True)
    painted(size, noise).save(path, "JPEG", exif=exif, quality=quality)
    return path


def painted(size: tuple[int, int], noise: int = 0) -> Image.Image:
    """Return a picture whose upper left corner is red; with noise, one that hardly compresses."""
    width, height = size
    across = np.linspace(0, 255, width)[None, :].repeat(height, 0)
    down = np.linspace(0, 255, height)[:, None].repeat(width, 1)
    values = np.dstack([across, down, np.full_like(across, 128)])
    if noise:
        values += np.random.default_rng(noise).normal(0, 60, values.shape)
    values[: height // 3, : width // 3] = (255, 0, 0)
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def gps(longitude: float, latitude: float) -> dict[int, Any]:
    """Return the tags of a position."""
    return {1: "N", 2: (latitude, 0.0, 0.0), 3: "E", 4: (longitude, 0.0, 0.0), 16: "T", 17: 87.5}
