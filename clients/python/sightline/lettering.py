"""Letters in the pictures that are drawn: Pillow's own font, in which a text is cut to a width."""

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def font_of(size: float) -> Font:
    """The font at a size in pixels."""
    return ImageFont.load_default(size)


def fit(text: str, font: Font, width: float) -> str:
    """The text, or as much of it as is at most `width` pixels wide with an ellipsis."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"
