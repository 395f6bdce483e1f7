"""Which pictographs the starter knows: things that can be told apart at 64 pixels."""

from __future__ import annotations

import re

# Blocks of Unicode, as they happen to sort pictographs of things. What lies outside them is mostly writing,
# buttons and two hundred faces and gestures: hard to tell apart, and seldom looked for.
BLOCKS: dict[str, tuple[tuple[int, int], ...]] = {
    "animals": (
        (0x1F400, 0x1F43F), (0x1F980, 0x1F9AE), (0x1F577, 0x1F578),
    ),
    "food": (
        (0x1F32D, 0x1F32F), (0x1F345, 0x1F37F), (0x1F950, 0x1F96F), (0x1F9C0, 0x1F9CB),
        (0x1FAD0, 0x1FADB),
    ),
    "travel": (
        (0x1F680, 0x1F6A4), (0x1F6E9, 0x1F6FC), (0x1F3D4, 0x1F3F0), (0x1F5FA, 0x1F5FF),
        (0x2693, 0x2693),
    ),
    "nature": (
        (0x1F308, 0x1F308), (0x1F30B, 0x1F31F), (0x1F324, 0x1F32C), (0x1F330, 0x1F344),
        (0x2600, 0x2604), (0x26C4, 0x26C8), (0x2B50, 0x2B50), (0x26A1, 0x26A1), (0x1F525, 0x1F525),
    ),
    "objects": (
        (0x1F380, 0x1F393), (0x1F3A3, 0x1F3C9), (0x1F451, 0x1F462), (0x1F488, 0x1F48E),
        (0x1F4A1, 0x1F4A3), (0x1F4B0, 0x1F4FC), (0x1F511, 0x1F514), (0x1F526, 0x1F52E),
        (0x1F9E6, 0x1F9FF), (0x1F6CB, 0x1F6D2),
    ),
}  # fmt: skip
ALSO: dict[str, tuple[str, ...]] = {
    "faces": (
        "grinning face", "smiling face with sunglasses", "loudly crying face", "sleeping face",
        "enraged face", "thinking face", "face with medical mask", "nerd face", "cowboy hat face",
        "robot", "ghost", "alien", "skull", "clown face", "pile of poo",
        "smiling face with heart-eyes", "face screaming in fear", "partying face", "thumbs up",
        "thumbs down", "clapping hands", "eyes", "ear", "nose", "mouth", "tongue", "brain", "tooth",
        "bone",
    ),
    "people": (
        "police officer", "detective", "guard", "construction worker", "princess", "santa claus",
        "baby", "merperson", "fairy", "mage", "vampire", "zombie", "woman dancing", "superhero",
        "person swimming", "person biking", "person rowing boat", "ninja",
    ),
    "travel": (
        "airplane", "bicycle", "sailboat", "fuel pump", "horizontal traffic light",
    ),
    "food": (
        "hot beverage",
    ),
    "objects": (
        "soccer ball", "baseball", "umbrella", "watch", "scissors", "hourglass done", "alarm clock",
        "pencil", "drum", "boxing glove", "chess pawn", "gear", "balance scale", "pick", "axe",
        "ladder", "bucket",
    ),
    "symbols": (
        "red heart", "broken heart", "blue heart", "green heart", "yellow heart", "purple heart",
        "black heart", "recycling symbol", "radioactive", "peace symbol", "warning", "no entry",
        "hundred points", "collision", "dashing away", "sweat droplets", "chequered flag",
        "anger symbol",
    ),
}  # fmt: skip
# Drawings that differ from a neighbour in writing or in a detail alone.
UNDRAWABLE = re.compile(
    r"o’clock|-thirty|“|waxing|waning|quarter moon face|new moon face|banknote|mailbox with|calendar$|folder"
    r"|chart increasing with|no mobile|heavy dollar|mobile phone with|notebook with|open mailbox|video|input"
    r"|bar chart|water closet|customs|baggage claim|left luggage|no (smoking|littering|bicycles|pedestrians)"
    r"|non-potable|hand with|shopping bags|^(men|women|man|woman)’s room|restroom"
    r"|oncoming (taxi|automobile|bus)"
)
