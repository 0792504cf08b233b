"""What is logged is masked by the line, however it is cut into pieces."""

import io
import logging

from workbench.text.masked_stream import MaskedStream


def test_an_address_in_pieces_is_masked_once_its_line_ends() -> None:
    target = io.StringIO()
    stream = MaskedStream(target)
    for piece in ("row of jo@exam", "ple.com is ", "odd\nand jo@", "example.org"):
        stream.write(piece)
        stream.flush()
    assert target.getvalue() == "row of [email] is odd\n"
    stream.finish()
    assert target.getvalue() == "row of [email] is odd\nand [email]"


def test_what_a_logger_writes_with_its_trace_is_masked() -> None:
    target = io.StringIO()
    logger = logging.Logger("tests")
    logger.addHandler(logging.StreamHandler(MaskedStream(target)))
    try:
        raise ValueError("bad value jo@example.com")
    except ValueError:
        logger.exception("a row of jo@example.com")
    assert (target.getvalue().count("[email]"), "example.com" in target.getvalue()) == (3, False)
