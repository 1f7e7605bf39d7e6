"""Write the bill of materials of an installer: CycloneDX 1.6, JSON.

``python packaging/sbom.py FILE`` tells of this environment, with ``--program dist/inferoscope --modules PYZ-00.toc`` of
what PyInstaller put into the frozen program. The same input gives the same file, dated by SOURCE_DATE_EPOCH.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from parts import PROGRAM, Part, asked, canonicalize_name, run_time

LICENCE = "Apache-2.0"
_NAMESPACE = uuid.UUID("6f1c1f3e-5f0c-5a53-9d7e-0d1ab2f4c9b0")


def write(path: Path, parts: Iterable[Part]) -> None:
    """Write the bill of materials of these parts, those left out passed over."""
    shipped = [part for part in parts if not part.left_out]
    components = {canonicalize_name(part.name): _component(part) for part in shipped}
    program = Component(
        name="Inferoscope",
        version=metadata.version(PROGRAM),
        type=ComponentType.APPLICATION,
        bom_ref=PROGRAM,
        licenses=[LicenseFactory().make_from_string(LICENCE)],
        purl=PackageURL("generic", name=PROGRAM, version=metadata.version(PROGRAM)),
    )
    when = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())), UTC)
    bom = Bom(components=components.values(), metadata=BomMetaData(component=program, timestamp=when))
    _add_needs(bom, {**components, PROGRAM: program}, shipped)
    bom.serial_number = uuid.UUID(int=0)
    bom.serial_number = uuid.uuid5(_NAMESPACE, JsonV1Dot6(bom).output_as_string())
    path.write_text(JsonV1Dot6(bom).output_as_string(indent=1) + "\n", encoding="utf-8", newline="\n")


def _component(part: Part) -> Component:
    """One part, its libraries as files inside it."""
    name = re.sub(r"[^a-z0-9]+", "-", part.name.lower()).strip("-")
    purl = PackageURL(part.package, name=name, version=part.version or None)
    home = [ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(part.home))] if part.home else []
    return Component(
        name=part.name,
        version=part.version or None,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        licenses=[LicenseFactory().make_from_string(part.licence)],
        purl=purl,
        external_references=home,
        components=[_file(file, str(purl)) for file in part.files],
    )


def _file(file: Path, within: str) -> Component:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return Component(
        name=file.name,
        type=ComponentType.FILE,
        bom_ref=f"{within}#{digest}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
    )


def _add_needs(bom: Bom, components: dict[str, Component], shipped: Iterable[Part]) -> None:
    """Say what needs what: distributions state it; what is none comes with the wheel it is in, or with us."""
    distributions = run_time()
    for name, component in components.items():
        needed = distributions[name].requires or [] if name in distributions else []
        names = {canonicalize_name(Requirement(need).name) for need in needed}
        bom.register_dependency(component, [components[each] for each in sorted(names & components.keys())])
    for part in shipped:
        if part.package != "pypi":
            owner = components.get(canonicalize_name(part.within), components[PROGRAM])
            bom.register_dependency(owner, [components[canonicalize_name(part.name)]])


if __name__ == "__main__":
    request = asked(__doc__)
    write(request.file, request.parts)
