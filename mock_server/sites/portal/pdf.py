"""One invoice as a PDF file.

Owns: the few bytes of PDF that a page of text needs: catalog, pages, one page, two
standard fonts, one content stream, and the table of their offsets. The same invoice
gives the same bytes. Text is Latin-1, as the standard fonts are.
"""

from __future__ import annotations

from typing import Final

from mock_server.sites.portal.invoices import CENTS_PER_KWH, CUSTOMER, Invoice

_A4: Final = (595, 842)
_LEFT: Final = 64
_RIGHT: Final = 531


def invoice_pdf(invoice: Invoice) -> bytes:
    """Return the complete file."""
    due = "Due within 14 days." if invoice.status != "Paid" else "Paid by direct debit. Nothing is due."
    content = [
        "0.06 0.35 0.45 rg 0 782 595 60 re f",
        _text(_LEFT, 804, 20, "Brightwater Energy", bold=True, grey=1),
        _text(_LEFT, 730, 26, "Invoice", bold=True),
        _text(_LEFT, 690, 11, CUSTOMER["name"]),
        _text(_LEFT, 675, 11, CUSTOMER["address"]),
        _text(360, 690, 11, f"Invoice number  {invoice.number}"),
        _text(360, 675, 11, f"Date  {invoice.day_text}"),
        _text(360, 660, 11, f"Customer  {CUSTOMER['number']}"),
        _rule(620),
        _text(_LEFT, 600, 11, "Description", bold=True),
        _text(360, 600, 11, "Quantity", bold=True),
        _text(465, 600, 11, "Amount", bold=True),
        _rule(590),
        _text(_LEFT, 568, 11, f"Electricity at $0.{CENTS_PER_KWH} per kWh, meter {CUSTOMER['meter']}"),
        _text(360, 568, 11, f"{invoice.kwh} kWh"),
        _text(465, 568, 11, invoice.amount_text),
        _rule(550),
        _text(360, 526, 13, "Total", bold=True),
        _text(465, 526, 13, invoice.amount_text, bold=True),
        _text(_LEFT, 480, 11, f"Status: {invoice.status}. {due}"),
        _text(_LEFT, 60, 9, "Brightwater Energy is a made-up company for demonstrations.", grey=0.5),
    ]
    return _file(f"Invoice {invoice.number}", "\n".join(content))


def _text(x: int, y: int, size: int, text: str, *, bold: bool = False, grey: float = 0) -> str:
    return f"BT {grey} g /F{2 if bold else 1} {size} Tf {x} {y} Td ({_escaped(text)}) Tj ET"


def _rule(y: int) -> str:
    return f"0.7 G {_LEFT} {y} m {_RIGHT} {y} l S"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _file(title: str, content: str) -> bytes:
    stream = content.encode("latin-1", "replace")
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /{} /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_A4[0]} {_A4[1]}] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>".encode(),
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
        font.format("Helvetica").encode(),
        font.format("Helvetica-Bold").encode(),
        f"<< /Title ({_escaped(title)}) /Producer (Brightwater Energy) >>".encode("latin-1", "replace"),
    ]
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 7 0 R >>\n" % (len(objects) + 1)
    out += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(out)
