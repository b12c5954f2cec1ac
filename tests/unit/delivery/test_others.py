"""QGIS and GDAL of the system open every layer of a delivery, where they are installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hjgis.layers.project import Project
from tests.unit.delivery.test_package import delivered

PYTHON = Path("/usr/bin/python3")
FORMATS = ("shp", "gpkg", "geojson", "dxf")
LOOK = """
import json, os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from qgis.core import QgsApplication, QgsVectorLayer
app = QgsApplication([], False)
app.initQgis()
found = {}
for source in sys.argv[1:]:
    layer = QgsVectorLayer(source, "one", "ogr")
    features = list(layer.getFeatures()) if layer.isValid() else []
    places = [f.geometry() for f in features]
    found[source] = {
        "valid": layer.isValid(),
        "crs": layer.crs().authid(),
        "count": len(features),
        "places": all(place.isNull() or place.isGeosValid() for place in places),
        "texts": sorted({str(v) for f in features for v in f.attributes() if isinstance(v, str)}),
        "titles": [field.alias() or field.name() for field in layer.fields()],
        "styled": layer.renderer().type() if layer.isSpatial() else "",
    }
print(json.dumps(found))
"""


def qgis(*sources: str, profile: Path) -> tuple[dict[str, dict[str, object]], str]:
    if not PYTHON.exists():
        pytest.skip("no Python of the system here")
    kept = {name: os.environ[name] for name in ("PATH", "LC_ALL") if name in os.environ}
    surroundings = {**kept, "HOME": str(profile), "XDG_RUNTIME_DIR": str(profile)}
    there = subprocess.run(
        [PYTHON, "-c", "import qgis.core"], capture_output=True, env=surroundings, check=False
    )
    if there.returncode:
        pytest.skip("no QGIS here")
    profile.chmod(0o700)
    done = subprocess.run(
        [PYTHON, "-c", LOOK, *sources],
        capture_output=True, text=True, env=surroundings, check=True,
    )  # fmt: skip
    found: dict[str, dict[str, object]] = json.loads(done.stdout.splitlines()[-1])
    return found, done.stderr


def test_qgis_opens_every_layer_with_its_texts_and_system(
    stock: Project, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    done = delivered(stock, tmp_path / "交付", "manhole", "street_lamp", "road", formats=FORMATS)
    data = done.path / "数据"
    (package,) = (data / "gpkg").iterdir()
    layers = ("manhole", "street_lamp", "road")
    sources = {
        **{str(data / "shp" / f"{name}.shp"): name for name in layers},
        **{str(data / "geojson" / f"{name}.geojson"): name for name in layers},
        **{f"{package}|layername={name}": name for name in layers},
    }
    found, said = qgis(*sources, profile=tmp_path_factory.mktemp("profile"))
    assert said == ""
    for source, name in sources.items():
        seen = found[source]
        assert (seen["valid"], seen["places"]) == (True, True), source
        assert seen["count"] == done.entry.counts[name], source
        degrees = source.endswith(".geojson")
        assert seen["crs"] == ("EPSG:4326" if degrees else "EPSG:4545"), source
        texts = seen["texts"]
        assert isinstance(texts, list)
        assert ("甲" if name == "manhole" else "中山路") in texts or name == "street_lamp", source
        assert all("\ufffd" not in text for text in texts), source
    manholes = found[f"{package}|layername=manhole"]
    assert manholes["styled"] == "RuleRenderer" or manholes["styled"] == "categorizedSymbol"
    titles = manholes["titles"]
    assert isinstance(titles, list)
    assert "物探点号" in titles


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="no GDAL of the system here")
def test_gdal_opens_every_layer_without_a_word(stock: Project, tmp_path: Path) -> None:
    done = delivered(
        stock, tmp_path / "交付", "manhole", "road", "inspection", formats=(*FORMATS, "csv")
    )
    files = [*done.path.glob("数据/shp/*.[sd][hb][pf]"), *done.path.glob("数据/gpkg/*")]
    files += [*done.path.glob("数据/geojson/*.geojson"), *done.path.glob("数据/dxf/*.dxf")]
    assert len(files) > 6
    for path in files:
        told = subprocess.run(
            ["ogrinfo", "-ro", "-al", "-so", str(path)], capture_output=True, text=True, check=False
        )
        assert (told.returncode, told.stderr) == (0, ""), path
        assert "Feature Count: 0" not in told.stdout, path
