#!/usr/bin/env python3
"""Makes the table of code points that internationalised domain names may have.

usage: tools/idna-table.py DIRECTORY > src/CaServer.Domain/Identifiers/Idna/CodePoints.txt

DIRECTORY has the Unicode Character Database, as the Debian package unicode-data installs it (/usr/share/unicode).
"""
import re
import sys

ucd = sys.argv[1]
MAX = 0x110000


def rows(name):
    for line in open(f"{ucd}/{name}", encoding="utf-8"):
        fields = [f.strip() for f in line.split("#")[0].split(";")]
        if len(fields) > 1:
            first, _, last = fields[0].partition("..")
            yield int(first, 16), int(last or first, 16), fields[1:]


def column(name, default, only=lambda fields: True, value=lambda fields: fields[0]):
    values = [default] * MAX
    for first, last, fields in rows(name):
        if only(fields):
            values[first:last + 1] = [value(fields)] * (last + 1 - first)
    return values


category = column("extracted/DerivedGeneralCategory.txt", "Cn")
combining = column("extracted/DerivedCombiningClass.txt", "0")
bidi = column("extracted/DerivedBidiClass.txt", "L")
joining = column("extracted/DerivedJoiningType.txt", "U")
ignorable = column("DerivedCoreProperties.txt", False, lambda f: f[0] == "Default_Ignorable_Code_Point", lambda f: True)
space = column("PropList.txt", False, lambda f: f[0] in ("White_Space", "Noncharacter_Code_Point"), lambda f: True)
hangul = column("HangulSyllableType.txt", "")
unstable = column("DerivedNormalizationProps.txt", False, lambda f: f[0] == "NFKC_CF", lambda f: True)
excluded = column("DerivedNormalizationProps.txt", False, lambda f: f[0] == "Full_Composition_Exclusion", lambda f: True)
short = {f[1]: f[0] for f in ([x.strip() for x in l.split("#")[0].split(";")][1:] for l in open(f"{ucd}/PropertyValueAliases.txt", encoding="utf-8") if l.startswith("sc ;"))}
scripts = column("Scripts.txt", "Zzzz", value=lambda f: short[f[0]])
for first, last, fields in rows("ScriptExtensions.txt"):
    scripts[first:last + 1] = [",".join(sorted(fields[0].split()))] * (last + 1 - first)

# RFC 5892 section 2.6
EXCEPTIONS = {c: "P" for c in (0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007)}
EXCEPTIONS |= {c: "O" for c in (0xB7, 0x375, 0x5F3, 0x5F4, 0x30FB, *range(0x660, 0x66A), *range(0x6F0, 0x6FA))}
EXCEPTIONS |= {c: "" for c in (0x640, 0x7FA, 0x302E, 0x302F, *range(0x3031, 0x3036), 0x303B)}


def derived(c):
    """RFC 5892 section 3, for assigned code points: P (PVALID), J (CONTEXTJ), O (CONTEXTO) or nothing (DISALLOWED)."""
    if c in EXCEPTIONS:
        return EXCEPTIONS[c]
    if category[c] == "Cn":
        return ""
    if c == 0x2D or 0x30 <= c <= 0x39 or 0x61 <= c <= 0x7A:
        return "P"
    if c in (0x200C, 0x200D):
        return "J"
    if hangul[c] in ("L", "V", "T") or unstable[c] or ignorable[c] or space[c]:
        return ""
    if 0x20D0 <= c <= 0x20FF or 0x1D100 <= c <= 0x1D24F:
        return ""
    return "P" if category[c] in ("Ll", "Lu", "Lo", "Nd", "Lm", "Mn", "Mc") else ""


version = re.search(r"-(\d+\.\d+\.\d+)\.txt", open(f"{ucd}/Scripts.txt", encoding="utf-8").readline()).group(1)
print(f"# Code points that IDNA2008 permits (RFC 5892), derived from the Unicode Character Database {version} by tools/idna-table.py.")
print("# Range, rule (P: PVALID, J: CONTEXTJ, O: CONTEXTO), scripts, bidirectional class, combining class, joining type, M: mark.")
run = None
for c in range(MAX + 1):
    rule = derived(c) if c < MAX else ""
    entry = (rule, scripts[c], bidi[c], combining[c], joining[c], "M" if category[c][0] == "M" else "") if rule else None
    if run and (entry != run[1]):
        print(f"{run[0]:X}-{c - 1:X} {' '.join(run[1])}".rstrip())
        run = None
    if entry and not run:
        run = (c, entry)

print("# Canonical compositions: the composed code point and its two parts.")
for line in open(f"{ucd}/UnicodeData.txt", encoding="utf-8"):
    fields = line.split(";")
    parts = fields[5].split()
    code = int(fields[0], 16)
    if len(parts) == 2 and not fields[5].startswith("<") and not excluded[code]:
        print(f"={code:X} {parts[0].lstrip('0')} {parts[1].lstrip('0')}")
