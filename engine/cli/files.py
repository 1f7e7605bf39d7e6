"""The files that a person names: what they may be, and that no output replaces an input."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from engine.addresses import is_network_address, redact
from engine.capture.picture_files import list_pictures
from engine.cards import ModelCard
from engine.errors import ModelError, SinkError, SourceError
from engine.library.bundled import inside_models, model_file
from engine.sinks.disk import partial

Named = tuple[Path, str]
"""A file, and what it is to the person."""


def model_path(text: str) -> Path:
    """The file of a model, for argparse; ``demo`` and others come with the program.

    Raises:
        ModelError: The text is empty or an address, or the demo model is missing.
    """
    if is_network_address(text):
        raise ModelError("A model is a file on this computer", subject=redact(text), remedy="Download it first")
    if Path(text) in inside_models():
        return model_file(Path(text))
    if not text:
        raise ModelError("No model is named", expected="an .onnx file or an OpenVINO .xml", remedy="Name a model file")
    return Path(text)


def output_path(text: str) -> Path:
    """A file that is to be written, for argparse.

    Raises:
        SinkError: The text is empty or an address.
    """
    if is_network_address(text):
        raise SinkError("An output is a file on this computer", subject=redact(text), remedy="Choose a file name")
    if not text:
        raise SinkError("No file is named for an output", remedy="Choose a file name")
    return Path(text)


def refuse_to_replace_inputs(outputs: Sequence[Path], sources: Sequence[str], card: ModelCard) -> None:
    """Check that each output has a file of its own: by whatever name, link or hard link.

    Args:
        outputs: Files that will be written.
        sources: As a person typed them.
        card: Of the model.

    Raises:
        SinkError: An output is a source, a picture in a source, the model, its weights, or another output.
    """
    inputs = [*_source_files(sources), (card.path, "the model"), *((path, "the model") for path in card.weight_files)]
    for number, output in enumerate(outputs):
        if _is_standard_output(output):
            raise _refusal(output, "Standard output is for the summary")
        if output.exists() and not output.is_file():
            continue  # A device such as /dev/null takes everything; a folder is refused by who writes.
        if any(_same(output, other) for other in outputs[:number]):
            raise _refusal(output, "Two outputs have the same name")
        for file in (output, partial(output)):
            if file.exists():
                _refuse_input(file, inputs)


def _refuse_input(file: Path, inputs: Sequence[Named]) -> None:
    for other, what in inputs:
        if _same(file, other):
            raise _refusal(file, f"The output would replace {what}")


def _source_files(sources: Sequence[str]) -> Iterator[Named]:
    for path in (Path(text).expanduser() for text in sources):
        yield path, "a source"
        if path.is_dir():
            with suppress(SourceError):  # the source tells it when it is opened
                yield from ((picture, "a picture of a source") for picture in list_pictures(path))


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there
        return one.resolve() == other.resolve()


def _is_standard_output(path: Path) -> bool:
    try:
        same = os.path.samestat(path.stat(), os.fstat(1))
    except OSError:  # it is closed, or the file is not there
        return False
    return same and path.resolve() != Path(os.devnull)


def _refusal(file: Path, what: str) -> SinkError:
    return SinkError(what, subject=str(file), remedy="Choose another file")
