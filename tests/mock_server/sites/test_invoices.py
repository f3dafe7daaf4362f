"""The portal's files: real PDF, the same every time."""

from __future__ import annotations

import re

import pytest

from mock_server.sites.portal.invoices import INVOICES, Invoice
from mock_server.sites.portal.pdf import invoice_pdf


@pytest.mark.parametrize("invoice", INVOICES, ids=lambda invoice: invoice.number)
def test_pdf_is_put_together_correctly(invoice: Invoice):
    """Every offset of the cross-reference table hits its object, the stream is as long as it says."""
    content = invoice_pdf(invoice)
    assert content.startswith(b"%PDF-1.4\n")
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", content)[1])
    table = content[start:]
    count = int(re.match(rb"xref\n0 (\d+)\n", table)[1])
    entries = re.findall(rb"(\d{10}) (\d{5}) ([nf]) \n", table)
    assert len(entries) == count
    assert entries[0] == (b"0000000000", b"65535", b"f")
    for number, (offset, _, kind) in enumerate(entries[1:], 1):
        assert kind == b"n"
        assert content[int(offset) :].startswith(b"%d 0 obj\n" % number)
    assert b"/Size %d /Root 1 0 R" % count in table
    stream = re.search(rb"<< /Length (\d+) >>\nstream\n(.*?)\nendstream", content, re.DOTALL)
    assert int(stream[1]) == len(stream[2])


def test_pdf_says_what_the_table_says():
    """Number, date and amount are in the file as readable text."""
    for invoice in INVOICES:
        content = invoice_pdf(invoice).decode("latin-1")
        for text in (invoice.number, invoice.day_text, invoice.amount_text, invoice.status):
            assert text in content


def test_same_invoice_gives_the_same_bytes():
    """A file can be compared by its hash; no two invoices give the same file."""
    files = [invoice_pdf(invoice) for invoice in INVOICES]
    assert files == [invoice_pdf(invoice) for invoice in INVOICES]
    assert len(set(files)) == len(INVOICES)
