"""Tables, indexes and triggers of a project: OGC GeoPackage 1.3 plus our journal.

Version 1.3, as 1.4 makes older readers warn. ``SQL`` here is made from the catalogue only.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Final

from hjgis.errors import DictionaryError
from hjgis.layers import qml, serials
from hjgis.models.assets import AssetType, Catalogue, CodeList, Field
from hjgis.models.crs import Crs
from hjgis.models.styles.style import Style, default_style
from hjgis.models.styles.stylefile import style_for

SCHEMA_VERSION: Final = 1
APPLICATION_ID: Final = 0x47504B47
USER_VERSION: Final = 10300
OWN_TABLES: Final = (
    "hjgis_project",
    "hjgis_layer",
    "hjgis_writer",
    "hjgis_change",
    "hjgis_change_row",
    "hjgis_change_range",
    "hjgis_foreign",
    "hjgis_checkpoint",
    serials.TABLE,
)
_SQL_TYPES: Final = {
    "text": "TEXT",
    "code": "TEXT",
    "integer": "INTEGER",
    "number": "REAL",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "DATETIME",
}
_ADD_CODE: Final = "INSERT INTO code_list (list, code, zh, en) VALUES (:list, :code, :zh, :en)"
_DEFINITION = "hjgis: docs/ARCHITECTURE.md"
_SCHEMA_EXTENSION = "http://www.geopackage.org/spec121/#extension_schema"
_RTREE_EXTENSION = "http://www.geopackage.org/spec121/#extension_rtree"

_DESCRIPTION = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE IF NOT EXISTS gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
  mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC,
  min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
"""

_BASE = """
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
"""

_OWN = """
CREATE TABLE hjgis_project (key TEXT NOT NULL PRIMARY KEY, value TEXT);
CREATE TABLE hjgis_layer (
  id TEXT NOT NULL PRIMARY KEY, position INTEGER NOT NULL, definition TEXT);
CREATE TABLE hjgis_writer (busy INTEGER NOT NULL);
INSERT INTO hjgis_writer VALUES (0);
CREATE TABLE hjgis_change (
  id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL, at TEXT NOT NULL,
  operator TEXT NOT NULL, device TEXT NOT NULL, label_key TEXT NOT NULL, params TEXT NOT NULL,
  undoes INTEGER, source TEXT NOT NULL);
CREATE TABLE hjgis_change_row (
  id INTEGER PRIMARY KEY, change INTEGER NOT NULL REFERENCES hjgis_change(id),
  layer TEXT NOT NULL, fid INTEGER NOT NULL, op TEXT NOT NULL, old TEXT, old_geom BLOB);
CREATE INDEX hjgis_change_row_feature ON hjgis_change_row (layer, fid, change);
CREATE INDEX hjgis_change_row_change ON hjgis_change_row (change);
CREATE TABLE hjgis_change_range (
  change INTEGER NOT NULL REFERENCES hjgis_change(id), layer TEXT NOT NULL,
  fid_lo INTEGER NOT NULL, fid_hi INTEGER NOT NULL, op TEXT NOT NULL, parked TEXT);
CREATE INDEX hjgis_change_range_change ON hjgis_change_range (change);
CREATE TABLE hjgis_foreign (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, layer TEXT NOT NULL, fid INTEGER NOT NULL,
  op TEXT NOT NULL, old TEXT, old_geom BLOB);
CREATE TABLE hjgis_checkpoint (
  id INTEGER PRIMARY KEY, change INTEGER NOT NULL, name TEXT NOT NULL, at TEXT NOT NULL,
  operator TEXT NOT NULL);
"""

_UNDEFINED_SRS = (
    ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined", "undefined Cartesian"),
    ("Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic"),
)

# UUID version 7 in plain SQL, for rows that other programs add without one.
_UUID_SQL = (
    "lower(substr(printf('%012x', CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),"
    " 1, 8) || '-' || substr(printf('%012x', CAST((julianday('now') - 2440587.5) * 86400000"
    " AS INTEGER)), 9, 4) || '-7' || substr(hex(randomblob(2)), 2) || '-' || substr('89ab',"
    " 1 + abs(random() % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))"
)


def quoted(name: str) -> str:
    """Return an SQL identifier in quotes."""
    return '"' + name.replace('"', '""') + '"'


def create_base(connection: sqlite3.Connection, crs: Crs, wgs84: Crs) -> None:
    """Make the tables that every project has, in an empty database."""
    for statement in (*(_BASE + _OWN).split(";\n"), *serials.TABLE_SQL):
        if statement.strip():
            connection.execute(statement)
    connection.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?,?,?,?,?,?)", _UNDEFINED_SRS)
    for system in {entry.srs_id: entry for entry in (wgs84, crs)}.values():
        connection.execute(
            "INSERT INTO gpkg_spatial_ref_sys VALUES (?,?,?,?,?,NULL)",
            (
                system.name,
                system.srs_id,
                *(system.authority or ("hjgis", system.srs_id)),
                system.wkt,
            ),
        )
    create_description(connection)
    for table in OWN_TABLES:
        register_own_table(connection, table)


def create_description(connection: sqlite3.Connection) -> None:
    """Make the tables of titles, code lists and looks, in a GeoPackage that has none of them."""
    for statement in _DESCRIPTION.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    for table in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        _register_extension(connection, table, "gpkg_schema", _SCHEMA_EXTENSION)
    qml.create_table(connection)


def create_layer(
    connection: sqlite3.Connection, asset: AssetType, catalogue: Catalogue, crs: Crs, position: int
) -> None:
    """Make the table of one layer with its R-tree, triggers, titles and code lists.

    A table without geometry has no column ``geom`` and no R-tree: other programs list it as such.
    """
    table = quoted(asset.id)
    columns = ", ".join(f"{quoted(field.name)} {sql_type(field)}" for field in asset.fields)
    place = f" geom {asset.geometry.upper()}," if asset.is_spatial else ""
    connection.execute(
        f"CREATE TABLE {table} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,"
        f"{place} uuid TEXT(36){', ' + columns if columns else ''})"
    )
    connection.execute(f"CREATE UNIQUE INDEX {quoted(asset.id + '_uuid')} ON {table} (uuid)")
    for name in ("from_node", "to_node") if asset.ends_on else ():
        connection.execute(
            f"CREATE INDEX {quoted(f'{asset.id}_{name}')} ON {table} ({quoted(name)})"
        )
    create_id_index(connection, asset)
    if asset.is_record:
        index = quoted(f"{asset.id}_asset")
        connection.execute(f"CREATE INDEX {index} ON {table} (asset_uuid)")
    _register_contents(connection, asset, crs)
    if asset.is_spatial:
        _register_geometry(connection, asset, crs)
    for statement in layer_triggers(asset).values():
        connection.execute(statement)
    describe_fields(connection, asset, catalogue)
    definition = json.dumps(dynamic_definition(asset)) if asset.id not in catalogue.types else None
    connection.execute("INSERT INTO hjgis_layer VALUES (?, ?, ?)", (asset.id, position, definition))


def create_id_index(connection: sqlite3.Connection, asset: AssetType) -> None:
    """Make the index on component ids, if the layer has any and it is not there."""
    statement = serials.index_sql(asset)
    if statement:
        connection.execute(statement)


def create_retired_table(connection: sqlite3.Connection) -> bool:
    """Make the table of ids that were in use once; return whether it was missing."""
    there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (serials.TABLE,))
    if there.fetchone():
        return False
    for statement in serials.TABLE_SQL:
        connection.execute(statement)
    register_own_table(connection, serials.TABLE)
    return True


def renew_code_lists(connection: sqlite3.Connection, catalogue: Catalogue) -> None:
    """Write the code lists anew where other programs find them."""
    for codes in catalogue.code_lists.values():
        if any(field.codes == codes.id for a in catalogue.types.values() for field in a.fields):
            _add_code_list(connection, codes)
    connection.execute("DELETE FROM code_list")
    connection.executemany(_ADD_CODE, code_rows(catalogue))


def _register_contents(connection: sqlite3.Connection, asset: AssetType, crs: Crs) -> None:
    title = asset.label.get("zh_CN", asset.id)
    # A layer that was taken out keeps its table, and so its title.
    taken = connection.execute("SELECT 1 FROM gpkg_contents WHERE identifier = ?", (title,))
    title = f"{title} ({asset.id})" if taken.fetchone() else title
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id)"
        " VALUES (?, ?, ?, ?, ?)",
        (
            asset.id,
            "features" if asset.is_spatial else "attributes",
            title,
            asset.label.get("en", ""),
            crs.srs_id if asset.is_spatial else None,
        ),
    )


def _register_geometry(connection: sqlite3.Connection, asset: AssetType, crs: Crs) -> None:
    connection.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, ?, 0)",
        (asset.id, asset.geometry.upper(), crs.srs_id, 2 if asset.z == "optional" else 0),
    )
    connection.execute(
        f"CREATE VIRTUAL TABLE {quoted(f'rtree_{asset.id}_geom')}"
        " USING rtree(id, minx, maxx, miny, maxy)"
    )
    connection.execute(
        "INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index', ?, 'write-only')",
        (asset.id, _RTREE_EXTENSION),
    )


def _look(asset: AssetType) -> Style:
    """Return how QGIS shows a layer; an older catalogue may lack what its style is by."""
    try:
        return style_for(asset)
    except DictionaryError:
        return default_style(asset)


def describe_fields(connection: sqlite3.Connection, asset: AssetType, catalogue: Catalogue) -> None:
    """Write titles, hints and code lists where any GeoPackage reader finds them."""
    rows: list[tuple[str, str, str, str, str | None]] = [(asset.id, "uuid", "标识", "", None)]
    taken = {"标识"}
    for field in asset.fields:
        title = _title(field)
        # GeoPackage wants names unique in a table; GDAL and QGIS show them as aliases.
        title = f"{title} {field.name}" if title in taken else title
        taken.add(title)
        constraint = _add_constraint(connection, asset, field, catalogue)
        rows.append((asset.id, field.name, title, _describe(field), constraint))
    connection.execute("DELETE FROM gpkg_data_columns WHERE table_name = ?", (asset.id,))
    connection.executemany(
        "INSERT INTO gpkg_data_columns VALUES (?1, ?2, ?3, ?3, ?4, NULL, ?5)", rows
    )
    titles = {name: title for _, name, title, _, _ in rows}
    style = _look(asset) if asset.is_spatial else None
    qml.write(connection, asset, style, titles, catalogue)


def create_network_view(connection: sqlite3.Connection, node_layers: Iterable[str]) -> None:
    """Make the view that unites all layers whose features are nodes of the pipe network."""
    connection.execute(network_view_sql(node_layers))


def create_code_table(connection: sqlite3.Connection, catalogue: Catalogue) -> None:
    """Write all code lists as one plain table, readable without this program.

    It also is the registered attribute table that keeps GDAL from listing our own tables.
    """
    connection.execute(
        "CREATE TABLE code_list (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,"
        " list TEXT NOT NULL, code TEXT NOT NULL, zh TEXT, en TEXT)"
    )
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description)"
        " VALUES ('code_list', 'attributes', '代码表', 'Code lists')"
    )
    connection.executemany(_ADD_CODE, code_rows(catalogue))


def code_rows(catalogue: Catalogue) -> list[dict[str, str | None]]:
    """Return the rows of the table ``code_list``."""
    return [
        {"list": codes.id, "code": c.code, "zh": c.label.get("zh_CN"), "en": c.label.get("en")}
        for codes in catalogue.code_lists.values()
        for c in codes.codes
    ]


def network_view_sql(node_layers: Iterable[str]) -> str:
    """Return the statement of that view."""
    parts = [f"SELECT uuid, '{name}' AS layer, fid FROM {quoted(name)}" for name in node_layers]
    return "CREATE VIEW network_node AS " + " UNION ALL ".join(parts)


def layer_triggers(asset: AssetType) -> dict[str, str]:
    """Return name and statement of every trigger of a layer: R-tree, then foreign edits."""
    return {**(_rtree_triggers(asset.id) if asset.is_spatial else {}), **_foreign_triggers(asset)}


def rtree_trigger_names(asset: AssetType) -> tuple[str, ...]:
    """Return the triggers that bulk changes suspend."""
    return tuple(_rtree_triggers(asset.id)) if asset.is_spatial else ()


def place_sql(asset: AssetType, row: str = "") -> str:
    """Return how a query asks for the place of a row: NULL in a table without geometry."""
    return f"{row}geom" if asset.is_spatial else "NULL"


def dynamic_definition(asset: AssetType) -> dict[str, object]:
    """Return what must be kept of a layer that is not in the catalogue."""
    return {
        "label": dict(asset.label),
        "geometry": asset.geometry,
        "z": asset.z,
        "fields": [
            {"name": f.name, "type": f.type, "label": dict(f.label), "short": f.short}
            for f in asset.fields
        ],
        **({"look": asset.look} if asset.look else {}),
    }


def dynamic_type(layer: str, definition: str) -> AssetType:
    """Return the asset type of a layer that is not in the catalogue."""
    raw = json.loads(definition)
    fields = tuple(Field(group="technical", **entry) for entry in raw["fields"])
    return AssetType(
        id=layer,
        kind="reference",
        geometry=raw["geometry"],
        label=raw["label"],
        fields=fields,
        style=layer,
        z=raw["z"],
        look=raw.get("look", ""),
        display=fields[0].name if fields else None,
    )


def sql_type(field: Field) -> str:
    """Return the SQL type of a field, as GeoPackage names it."""
    name = _SQL_TYPES[field.type]
    return f"TEXT({field.max_length})" if field.type == "text" and field.max_length else name


def _title(field: Field) -> str:
    text = field.label.get("zh_CN", field.name)
    return f"{text}({field.unit})" if field.unit else text


def _describe(field: Field) -> str:
    hint = (field.hint or {}).get("zh_CN", "")
    return "; ".join(part for part in (hint, field.basis) if part)


def _add_constraint(
    connection: sqlite3.Connection, asset: AssetType, field: Field, catalogue: Catalogue
) -> str | None:
    """Write the field's code list or range; return its name, None if it has neither."""
    if field.codes:
        _add_code_list(connection, catalogue.codes(field.codes))
        return f"codes_{field.codes}"
    low, high = field.range or (None, None)
    if low is None or high is None:
        return None
    name = f"range_{asset.id}_{field.name}"
    connection.execute(
        "DELETE FROM gpkg_data_column_constraints WHERE constraint_name = ?", (name,)
    )
    connection.execute(
        "INSERT INTO gpkg_data_column_constraints VALUES (?, 'range', NULL, ?, 1, ?, 1, NULL)",
        (name, low, high),
    )
    return name


def _add_code_list(connection: sqlite3.Connection, codes: CodeList) -> None:
    connection.execute(
        "DELETE FROM gpkg_data_column_constraints WHERE constraint_name = ?", (f"codes_{codes.id}",)
    )
    connection.executemany(
        "INSERT INTO gpkg_data_column_constraints VALUES (?, 'enum', ?, NULL, NULL, NULL, NULL, ?)",
        [(f"codes_{codes.id}", c.code, c.label.get("zh_CN", c.code)) for c in codes.codes],
    )


def register_own_table(connection: sqlite3.Connection, table: str) -> None:
    """Say that a table is ours, so that other programs leave it alone."""
    _register_extension(connection, table, "hjgis_project", _DEFINITION)


def _register_extension(
    connection: sqlite3.Connection, table: str, extension: str, definition: str
) -> None:
    connection.execute(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, 'read-write')",
        (table, extension, definition),
    )


def _rtree_triggers(layer: str) -> dict[str, str]:
    """Return the triggers of GeoPackage 1.3, annex F.3, for the column ``geom``."""
    rtree, table = quoted(f"rtree_{layer}_geom"), quoted(layer)
    put = (
        f"INSERT OR REPLACE INTO {rtree} VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom),"
        " ST_MinY(NEW.geom), ST_MaxY(NEW.geom));"
    )
    full = "NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom)"
    blank = "(NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))"
    drop_old = f"DELETE FROM {rtree} WHERE id = OLD.fid;"
    moved = "OLD.fid != NEW.fid"
    bodies = {
        "insert": f"AFTER INSERT ON {table} WHEN ({full}) BEGIN {put} END",
        "update1": f"AFTER UPDATE OF geom ON {table} WHEN OLD.fid = NEW.fid AND ({full})"
        f" BEGIN {put} END",
        "update2": f"AFTER UPDATE OF geom ON {table} WHEN OLD.fid = NEW.fid AND {blank}"
        f" BEGIN {drop_old} END",
        "update3": f"AFTER UPDATE ON {table} WHEN {moved} AND ({full}) BEGIN {drop_old} {put} END",
        "update4": f"AFTER UPDATE ON {table} WHEN {moved} AND {blank}"
        f" BEGIN DELETE FROM {rtree} WHERE id IN (OLD.fid, NEW.fid); END",
        "delete": f"AFTER DELETE ON {table} WHEN OLD.geom NOT NULL BEGIN {drop_old} END",
    }
    names = {key: f"rtree_{layer}_geom_{key}" for key in bodies}
    return {names[k]: f"CREATE TRIGGER {quoted(names[k])} {body}" for k, body in bodies.items()}


def _foreign_triggers(asset: AssetType) -> dict[str, str]:
    """Return triggers that note what other programs do to a layer."""
    table = quoted(asset.id)
    # SQLite takes at most 100 arguments (127 from 3.48), so long lists are joined.
    old = _json_object(
        [_old_value("uuid", "text"), *(_old_value(f.name, f.type) for f in asset.fields)]
    )
    place = place_sql(asset, "OLD.")
    idle = "(SELECT busy FROM hjgis_writer) = 0"
    now = "strftime('%Y-%m-%dT%H:%M:%fZ','now')"
    note = "INSERT INTO hjgis_foreign (at, layer, fid, op, old, old_geom) VALUES"
    bodies = {
        "insert": f"AFTER INSERT ON {table} WHEN {idle} BEGIN"
        f" {note} ({now}, '{asset.id}', NEW.fid, 'insert', NULL, NULL);"
        f" UPDATE {table} SET uuid = {_UUID_SQL}"
        " WHERE fid = NEW.fid AND (uuid IS NULL OR uuid = ''); END",
        "update": f"AFTER UPDATE ON {table} WHEN {idle} AND coalesce(OLD.uuid, '') != '' BEGIN"
        f" {note} ({now}, '{asset.id}', OLD.fid, 'update', {old}, {place}); END",
        "delete": f"AFTER DELETE ON {table} WHEN {idle} BEGIN"
        f" {note} ({now}, '{asset.id}', OLD.fid, 'delete', {old}, {place}); END",
    }
    names = {key: f"hjgis_foreign_{asset.id}_{key}" for key in bodies}
    return {names[k]: f"CREATE TRIGGER {quoted(names[k])} {body}" for k, body in bodies.items()}


def _old_value(name: str, kind: str) -> str:
    column = f"OLD.{quoted(name)}"
    if kind == "number":
        # json_object writes 15 digits; 17 bring back every double as it was.
        column = f"CASE WHEN {column} NOTNULL THEN printf('%!.17g', {column}) END"
    return f"'{name}', {column}"


def _json_object(pairs: list[str]) -> str:
    step = 40
    parts = [f"json_object({', '.join(pairs[i : i + step])})" for i in range(0, len(pairs), step)]
    result = parts[0]
    for part in parts[1:]:
        result = f"json_patch({result}, {part})"
    return result
