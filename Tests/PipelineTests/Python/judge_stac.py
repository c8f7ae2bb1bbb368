"""Reads a static STAC catalog with pystac, validates it by the specification's schemas, and prints what it found as JSON.

The schemas of STAC itself come with pystac; those of its extensions do not, so their fields are checked here.
"""

import hashlib
import json
import pathlib
import sys

import pystac
from pystac.extensions.file import FileExtension
from pystac.validation.stac_validator import JsonSchemaSTACValidator

SPECIFICATION = "https://stac-extensions.github.io"


class Offline(JsonSchemaSTACValidator):
    """Validates by what comes with pystac alone."""

    def validate_extension(self, *arguments, **named):
        return None


pystac.validation.set_validator(Offline())
root = pathlib.Path(sys.argv[1])
catalog = pystac.Catalog.from_file(str(root / "catalog.json"))
catalog.validate_all()
found = {"images": [], "tiles": [], "collections": []}
for collection in catalog.get_collections():
    found["collections"].append(collection.to_dict(include_self_link=False, transform_hrefs=False))
for item in catalog.get_items(recursive=True):
    (asset,) = item.assets.values()
    file = FileExtension.ext(asset)
    content = pathlib.Path(asset.href).read_bytes()
    assert file.size == len(content), item.id
    # A multihash: 0x12 for SHA-256, 0x20 bytes of it.
    assert file.checksum == "1220" + hashlib.sha256(content).hexdigest(), item.id
    links = item.get_links("derived_from")
    properties = {key: value for key, value in item.properties.items() if key.startswith("processing:")}
    if links:
        source = links[0].resolve_stac_object(root=catalog).target
        assert f"{SPECIFICATION}/processing/v1.2.0/schema.json" in item.stac_extensions, item.id
        assert properties["processing:software"]["swathlog-imaging"], item.id
        assert all(isinstance(value, str) for value in properties["processing:software"].values()), item.id
        assert set(properties["processing:expression"]) == {"format", "expression"}, item.id
        assert isinstance(properties["processing:facility"], str), item.id
        found["tiles"].append({"item": item.to_dict(transform_hrefs=False), "source": source.id, "href": asset.href})
    else:
        assert not properties, item.id
        found["images"].append({"item": item.to_dict(transform_hrefs=False), "href": asset.href})
print(json.dumps(found))
