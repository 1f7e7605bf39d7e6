"""Make assets/fonts/NotoSansCJKjp-Regular.otf: the letters that Japanese needs, for machines that have none.

Takes them from Noto Sans CJK (https://github.com/notofonts/noto-cjk, OFL 1.1): kana, full-width forms, the kanji of
JIS X 0208 level 1, and whatever else the translation uses.

    python packaging/japanese_font.py /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

ASSETS = Path(__file__).resolve().parents[1] / "assets"
TARGET = ASSETS / "fonts" / "NotoSansCJKjp-Regular.otf"
_JAPANESE_OF_COLLECTION = 0


def letters() -> str:
    """Everything that is to be drawn."""
    kana_and_forms = {chr(code) for code in (*range(0x3000, 0x3100), *range(0xFF00, 0xFFEF))}
    translated = set((ASSETS / "translations" / "inferoscope_ja.ts").read_text(encoding="utf-8"))
    return "".join(sorted(kana_and_forms | _kanji() | translated))


def _kanji() -> set[str]:
    """Level 1 of JIS X 0208: rows 16 to 47."""
    codes = (bytes([0xA0 + row, 0xA0 + cell]) for row in range(16, 48) for cell in range(1, 95))
    return {letter for code in codes if (letter := code.decode("euc_jp", errors="ignore"))}


def make(source: Path) -> None:
    """Write the font.

    Args:
        source: The regular weight of Noto Sans CJK, as a collection (.ttc) whose first font is the Japanese one.
    """
    font = TTFont(source, fontNumber=_JAPANESE_OF_COLLECTION, recalcTimestamp=False)
    options = subset.Options(layout_features=[], hinting=False, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14])
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=letters())
    subsetter.subset(font)
    font.save(TARGET)
    print(f"{TARGET}: {len(font.getBestCmap())} letters, {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="NotoSansCJK-Regular.ttc")
    make(parser.parse_args().source)
