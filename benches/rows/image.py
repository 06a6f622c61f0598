"""The image as a node downloads it: its layers, compressed."""

import json
import tarfile

from stage.failure import need
from stage.figure import below

MB = 1_000_000


def measure(bench):
    """the image's size"""
    with tarfile.open(bench.archive) as archive:
        blob = lambda digest: json.load(archive.extractfile("blobs/" + digest.replace(":", "/")))
        found = json.load(archive.extractfile("index.json"))["manifests"]
        need(len(found) == 1, f"{bench.archive} holds {len(found)} images")
        layers = blob(found[0]["digest"])["layers"]
        for layer in layers:
            size = archive.getmember("blobs/" + layer["digest"].replace(":", "/")).size
            need(size == layer["size"] and layer["mediaType"].endswith("gzip"), f"a layer is not as its manifest says: {layer}")
    return [below("image, compressed", sum(layer["size"] for layer in layers) / MB, 25, " MB", f"layers: {len(layers)}")]
