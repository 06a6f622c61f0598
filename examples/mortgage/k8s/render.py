"""Fills the templates from the evidence: `render.py EXAMPLE OUTPUT`. Needs only Python's own library.

Four words stay for whoever applies the files: @MORTGAGE_IMAGE@ and @PROMETHEUS_IMAGE@ (NAME@DIGEST as
`images/build` prints it), @MORTGAGE_URL@ and @PROMETHEUS_URL@ (addresses of the Services).
"""

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

LEFT_OPEN = {"MORTGAGE_IMAGE", "MORTGAGE_URL", "PROMETHEUS_IMAGE", "PROMETHEUS_URL"}
MAX_BYTES = 250_000  # kubectl keeps a copy of what it applies in an annotation of at most 256 KiB
TEXTS = ["metrics.json", "fairlearn.json", "model-card.md", "predictions.csv", "training.csv", "recent.csv"]
BINARIES = ["predictions.parquet"]


def main(example: Path, output: Path) -> None:
    templates = {path.name: path.read_text() for path in (example / "k8s" / "templates").iterdir()}
    for version in ("v1", "v2", "v3"):
        words = version_words(example / "evidence" / version)
        for name in ("model.yaml", "evidence.yaml", "deployment.yaml", "release.yaml"):
            write(output / version / name, templates[name], words)
    rows = {f"{name}.csv": (example / "data" / f"{name}.csv").read_bytes() for name in ("calm", "turned")}
    words = {
        "TRAFFIC_CONFIGMAP": f"mortgage-traffic-{short(rows)}",
        "TRAFFIC_DATA": texts(rows),
        "TRAINING_DIGEST": digest((example / "evidence" / "v2" / "training.csv").read_bytes()),
    }
    for name in ("traffic-data.yaml", "traffic.yaml", "policies.yaml"):
        write(output / "base" / name, templates[name], words)


def version_words(folder: Path) -> dict[str, str]:
    model = (folder / "model.json").read_bytes()
    plain = {name: (folder / name).read_bytes() for name in TEXTS}
    binary = {name: (folder / name).read_bytes() for name in BINARIES}
    version = json.loads(model)["version"]
    return {
        "VERSION": version,
        "MODEL_DIGEST": digest(model),
        "MODEL_CONFIGMAP": f"mortgage-model-{version[0]}-{short({'model.json': model})}",
        "MODEL_DATA": texts({"model.json": model}),
        "EVIDENCE_CONFIGMAP": f"mortgage-evidence-{version[0]}-{short(plain | binary)}",
        "EVIDENCE_DATA": texts(plain),
        "EVIDENCE_BINARY": "\n".join(f"  {name}: {base64.b64encode(data).decode()}" for name, data in binary.items()),
    }


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def short(files: dict[str, bytes]) -> str:
    """Eight digits that change when any name or byte does."""
    lines = "".join(f"{digest(data)}  {name}\n" for name, data in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:8]


def texts(files: dict[str, bytes]) -> str:
    """Block scalars. Every file must end in one newline, which `|` keeps."""
    blocks = []
    for name, data in files.items():
        text = data.decode("utf-8")
        if not text.endswith("\n") or text.endswith("\n\n"):
            raise ValueError(f"{name} does not end in one newline")
        blocks.append(f"  {name}: |\n" + "".join(f"    {line}\n" if line else "\n" for line in text[:-1].split("\n")))
    return "".join(blocks).rstrip("\n")


def write(path: Path, template: str, words: dict[str, str]) -> None:
    def word(match: re.Match) -> str:
        name = match.group(1)
        return match.group(0) if name in LEFT_OPEN else words[name]

    text = re.sub(r"@([A-Z_]+)@", word, template)
    # What is left open is quoted: YAML knows no plain word that begins with @.
    text = re.sub(r"(image: )(@[A-Z_]+@)", r'\1"\2"', text)
    if len(text) > MAX_BYTES:
        raise ValueError(f"{path.name} has {len(text)} characters, more than kubectl apply takes")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
