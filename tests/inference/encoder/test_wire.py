"""What is written in protobuf's wire format is read back; messages may be laid end to end."""

from __future__ import annotations

import pytest

from inference.encoder.inner import with_output
from inference.encoder.wire import field, fields


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**40, b"", b"name", bytes(1000)])
@pytest.mark.parametrize("number", [1, 15, 16, 5000])
def test_a_field_is_read_as_it_was_written(number: int, value: int | bytes) -> None:
    ((found, content),) = fields(memoryview(field(number, value)))
    assert found == number
    assert (content if isinstance(content, int) else bytes(content)) == value


def test_an_output_is_laid_behind_the_model_whose_bytes_stay() -> None:
    model = field(7, b"graph")
    longer = with_output(model, "inner")
    assert longer.startswith(model)
    _, (number, graph) = fields(memoryview(longer))
    assert number == 7 and b"inner" in bytes(graph if not isinstance(graph, int) else b"")
