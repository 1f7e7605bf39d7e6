"""What a rule may look at: the graph, its picture input, its settled outputs and the exporter's notes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from engine.library.graph import Graph, Shape
from engine.library.grids import stride_of
from engine.library.metadata import ExporterNotes, read_notes
from engine.library.picture import PictureInput, find_picture
from engine.library.tracing import last_width

PROVISIONAL_SIZE = 640
"""Height and width that shapes are worked out for where the file leaves them free and does not say better."""


_STRIDES = ("4", "8", "16", "32", "64", "128")


@dataclass(frozen=True, slots=True)
class Output:
    """One output with the shape it has for one picture of the settled size."""

    name: str
    shape: Shape
    dtype: str

    @property
    def rank(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def is_float(self) -> bool:
        """True for floating-point numbers."""
        return "float" in self.dtype

    @property
    def base_name(self) -> str:
        """The name without scope and port, lower case: "detection_boxes" of "model/detection_boxes:0"."""
        return self.name.rsplit("/", 1)[-1].split(":")[0].lower()


@dataclass(frozen=True)
class Facts:
    """Everything that identification goes by. The file's name is not among it.

    Attributes:
        graph: The network with shapes settled.
        picture: Its picture input.
        size: (height, width) that the shapes hold for.
        outputs: Its outputs.
        notes: The exporter's notes.
    """

    graph: Graph
    picture: PictureInput
    size: tuple[int, int]
    outputs: tuple[Output, ...]
    notes: ExporterNotes

    @cached_property
    def by_base_name(self) -> dict[str, Output]:
        """Outputs by the plain part of their names."""
        return {output.base_name: output for output in self.outputs}

    @property
    def tables(self) -> tuple[Output, ...]:
        """Outputs of numbers with three axes."""
        return tuple(output for output in self.outputs if output.rank == 3 and output.is_float)

    def stride_of(self, output: Output) -> int | None:
        """The stride of a table by its length, or by the number its name ends with where the length is free."""
        if output.shape[1] is not None:
            return stride_of(output.shape[1], self.size)
        digits = output.base_name[len(output.base_name.rstrip("0123456789")) :]
        return int(digits) if digits in _STRIDES else None

    @property
    def fixed_size(self) -> bool:
        """True where the file or its exporter says how large pictures are, so that lengths can be checked by it."""
        return self.notes.size is not None or not {"height", "width"} & set(self.picture.free_axes)

    @property
    def only(self) -> Output | None:
        """The output where there is exactly one."""
        return self.outputs[0] if len(self.outputs) == 1 else None


def gather(graph: Graph, subject: str) -> Facts:
    """The facts of a graph.

    Raises:
        ModelError: The graph does not look at pictures.
    """
    picture = find_picture(graph, subject)
    notes = read_notes(graph.metadata)
    wanted = notes.size or (PROVISIONAL_SIZE, PROVISIONAL_SIZE)
    size = (picture.height or wanted[0], picture.width or wanted[1])
    shapes = graph.infer({picture.spec.name: picture.shape(size)} | _batches(graph, picture))
    settled = replace(graph, shapes={**graph.shapes, **shapes})
    outputs = tuple(Output(o.name, _shape(settled, o.name), o.dtype) for o in graph.outputs)
    return Facts(settled, picture, size, outputs, notes)


def _batches(graph: Graph, picture: PictureInput) -> dict[str, tuple[int, ...]]:
    """Shapes of the other inputs with one picture, where only the batch is free."""
    found = {}
    for spec in graph.inputs:
        if spec.name != picture.spec.name and all(isinstance(n, int) for n in spec.shape[1:]) and spec.shape:
            first = spec.shape[0] if isinstance(spec.shape[0], int) else 1
            found[spec.name] = (first, *(n for n in spec.shape[1:] if isinstance(n, int)))
    return found


def _shape(graph: Graph, name: str) -> Shape:
    shape = graph.shape(name) or ()
    return (*shape[:-1], last_width(graph, name)) if shape and shape[-1] is None else shape
