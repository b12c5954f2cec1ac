"""What a search must find, by looking at all texts of every feature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hjgis.models.assets import AssetType, Catalogue, Value
from hjgis.models.search import field_forms, searched_fields, variants


class Looking:
    """Looks through the features of a layer; what a value may be found by it works out once."""

    def __init__(self, asset: AssetType, catalogue: Catalogue) -> None:
        self._asset, self._catalogue = asset, catalogue
        self._fields = searched_fields(asset)
        self._forms: dict[tuple[str, Value], str] = {}

    def texts(self, values: Mapping[str, Value]) -> list[str]:
        """Return all that the values of a feature may be found by."""
        found = []
        for field in self._fields:
            if (value := values.get(field.name)) is None:
                continue
            key = (field.name, value)
            if key not in self._forms:
                self._forms[key] = field_forms(field, value, self._catalogue)
            found.append(self._forms[key])
        return found

    def occurs(self, words: Iterable[str], texts: Iterable[str]) -> bool:
        """Whether each of some words occurs in one of the texts of a feature."""
        meant = (variants(word, self._asset, self._catalogue) for word in words)
        return all(any(one in text for one in each for text in texts) for each in meant)
