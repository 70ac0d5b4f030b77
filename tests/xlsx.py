#!/usr/bin/env python3
"""Reads a workbook without the library that wrote it, and compares it with CSV files.

	tests/xlsx.py compare BOOK FOLDER [SHEET=NAME]...
	                                     every cell of every sheet with FOLDER/NAME.csv (--plain)
	tests/xlsx.py sheets BOOK            name, rows (with the header), frozen rows, filter
	tests/xlsx.py cell BOOK SHEET A1     type, format and value of one cell
	tests/xlsx.py days BOOK FOLDER       the sheet of the charts with sums of assistant_daily.csv
	tests/xlsx.py parts BOOK             formulas, links and charts that it has

A sheet "NAME (2)" goes on with "NAME".
"""
import csv
import datetime
import re
import sys
import xml.etree.ElementTree as tree
import zipfile

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CELL_MAX = 32767
OWN = ("about", "charts")
csv.field_size_limit(1 << 30)


def unescape(text):
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m.group(1), 16)), text)


class Book:
    def __init__(self, path):
        self.zip = zipfile.ZipFile(path)
        if self.zip.testzip():
            raise SystemExit("damaged: " + self.zip.testzip())
        self.formats = self.read_formats()
        rels = {r.get("Id"): r.get("Target") for r in self.xml("xl/_rels/workbook.xml.rels")}
        self.files = {s.get("name"): "xl/" + rels[s.get(REL)]
                      for s in self.xml("xl/workbook.xml").find(MAIN + "sheets")}

    def xml(self, name):
        return tree.fromstring(self.zip.read(name))

    def read_formats(self):
        styles = self.xml("xl/styles.xml")
        own = {n.get("numFmtId"): n.get("formatCode") for n in styles.iter(MAIN + "numFmt")}
        known = {"0": "General", "3": "#,##0", "4": "#,##0.00"}
        return [own.get(x.get("numFmtId")) or known[x.get("numFmtId")]
                for x in styles.find(MAIN + "cellXfs")]

    def rows(self, sheet):
        """Each row as {column: (kind, format, value)}."""
        with self.zip.open(self.files[sheet]) as f:
            for _, e in tree.iterparse(f):
                if e.tag == MAIN + "row":
                    yield {column(c.get("r")): self.cell(c) for c in e}
                    e.clear()

    def cell(self, c):
        look = self.formats[int(c.get("s", 0))]
        if c.find(MAIN + "f") is not None:
            raise SystemExit("a formula in " + c.get("r"))
        kind = c.get("t", "n")
        if kind == "inlineStr":
            return "text", look, unescape("".join(t.text or "" for t in c.iter(MAIN + "t")))
        v = c.find(MAIN + "v")
        if kind == "b":
            return "bool", look, v.text == "1"
        return ("number", look, float(v.text)) if v is not None else ("none", look, None)


def column(place):
    n = 0
    for letter in re.match("[A-Z]+", place).group():
        n = n * 26 + ord(letter) - 64
    return n - 1


def date(serial):
    return datetime.datetime(1899, 12, 30) + datetime.timedelta(seconds=round(serial * 86400))


def shown(cell, quoted, bare):
    """What the CSV cell must be when the workbook's cell is this; None: no such cell may be."""
    kind, look, value = cell
    if kind == "none":
        return ""
    if kind == "bool":
        return "true" if value else "false"
    if kind == "text":      # and of numbers only those that would be rounded
        return value if quoted or len(re.sub("[^0-9]", "", bare).lstrip("0")) > 15 else None
    if look == "yyyy-mm-dd":
        return date(value).strftime("%Y-%m-%d")
    if look == "yyyy-mm-dd hh:mm:ss":
        return date(value).strftime("%Y-%m-%d %H:%M:%S")
    return bare if not quoted and float(bare) == value else repr(value)


def units(text):
    return len(text.encode("utf-16-le")) // 2


def is_cut(have, text):
    """Whether it is the start of a text that does not fit into a cell, as much as fits."""
    return have is not None and units(text) > CELL_MAX and have.endswith(" ...") and \
        CELL_MAX - 1 <= units(have) <= CELL_MAX and text.startswith(have[:-4])


def csv_rows(path):
    """Rows of (text, whether it was quoted) of plain CSV."""
    with open(path, newline="", encoding="utf-8") as f:
        data = f.read()
    quoted = re.compile(r'"((?:[^"]|"")*)"|([^,\n]*)')
    row, at = [], 0
    while at < len(data):
        m = quoted.match(data, at)
        row.append((m.group(1).replace('""', '"'), True) if m.group(1) is not None
                   else (m.group(2), False))
        at = m.end()
        if data[at] == "\n":
            yield row
            row = []
        at += 1


def compare(book, folder, *names):
    names = dict(n.split("=", 1) for n in names)
    done, headers = {}, {}
    cells = bad = 0
    for sheet in book.files:
        name = names.get(sheet, re.sub(r" \(\d+\)$", "", sheet))
        if name in OWN:
            continue
        rows = book.rows(sheet)
        if name not in done:
            done[name] = csv_rows(f"{folder}/{name}.csv")
            headers[name] = [t for t, _ in next(done[name])]
        top, header = next(rows), headers[name]
        if [top[i][2] for i in range(len(top))] != header:
            raise SystemExit(f"{sheet}: header {top}")
        for no, got in enumerate(rows, 2):
            want = next(done[name], [])
            for i in range(max(len(want), max(got, default=-1) + 1)):
                text, quoted = want[i]
                kind = got.get(i, ("none", "", None))
                cells += 1
                have = shown(kind, quoted, text)
                if have != text and not is_cut(have, text):
                    bad += 1
                    print(f"{sheet} row {no} column {header[i]}: {kind} for {text!r}")
    for name, rest in done.items():
        for row in rest:
            bad += 1
            print(f"{name}: not in the workbook: {row}")
    print(f"{cells} cells of {len(done)} reports, {bad} differ")
    return bad == 0 and cells > 0


def days(book, folder):
    """Whether the days are the sums of assistant_daily, each day once and none left out."""
    want = {}
    for row in csv.DictReader(open(f"{folder}/assistant_daily.csv", newline="", encoding="utf-8")):
        if row["day"]:
            for k, v in row.items():
                if re.fullmatch("[0-9]+", v):
                    sums = want.setdefault(row["day"], {})
                    sums[k] = sums.get(k, 0) + int(v)
    table = [{k: v[2] for k, v in row.items()} for row in book.rows("charts") if len(row) > 5]
    name, bad = table[0], []
    got = [{name[k]: v for k, v in row.items()} for row in table[1:]]
    whole = {"connect_rate": lambda s: s.get("attempted", 0),
             "success_rate": lambda s: s.get("succeeded", 0) + s.get("not_succeeded", 0)}
    part = {"connect_rate": "connected", "success_rate": "succeeded"}
    for row in got:
        sums = want.pop(date(row.pop("day")).strftime("%Y-%m-%d"), {})
        for k in set(name.values()) - {"day"}:
            n = whole[k](sums) if k in whole else 0
            v = sums.get(k, 0) if k not in whole else round(sums.get(part[k], 0) / n, 4) if n else None
            if row.get(k) != v and not (k in whole and v and abs(row[k] - v) < 1.01e-4):
                bad.append((row, k, v))
    print(f"{len(got)} days, {len(bad) + len(want)} differ", *bad[:3])
    return not bad and not want


def sheets(book):
    for name, file in book.files.items():
        page = book.xml(file)
        pane = page.find(f".//{MAIN}pane")
        flt = page.find(MAIN + "autoFilter")
        print(name, len(page.find(MAIN + "sheetData")),
              pane.get("ySplit") if pane is not None else "-",
              flt.get("ref") if flt is not None else "-", sep="|")


def parts(book):
    names = book.zip.namelist()
    formulas = sum(b"<f>" in book.zip.read(f) for f in book.files.values())
    outside = sum(b'TargetMode="External"' in book.zip.read(n) for n in names if n.endswith(".rels"))
    print(f"formulas {formulas}, links to the outside {outside}, "
          f"charts {sum(n.startswith('xl/charts/chart') for n in names)}")


def main(what, path, *rest):
    book = Book(path)
    if what == "compare":
        return 0 if compare(book, *rest) else 1
    if what == "days":
        return 0 if days(book, *rest) else 1
    if what == "cell":
        sheet, place = rest
        no = int(re.search(r"\d+", place).group())
        for e in book.xml(book.files[sheet]).find(MAIN + "sheetData"):
            if e.get("r") == str(no):
                for c in e:
                    if c.get("r") == place:
                        print(*book.cell(c), sep="|")
    elif what == "sheets":
        sheets(book)
    else:
        parts(book)
    return 0


sys.exit(main(*sys.argv[1:]))
