"""The colours of the program by meaning, for dark and light, with the contrast they were chosen for."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Tokens:
    """One theme's colours as `#RRGGBB`. Text colours keep 4.5:1 on their background, outlines 3:1.

    `up` and `down` also mean profit and loss; they never stand alone: a sign, an arrow or a word goes with them.
    """

    name: str
    background: str
    surface: str
    raised: str
    text: str
    muted: str
    outline: str
    accent: str
    on_accent: str
    focus: str
    selection: str
    warning: str
    error: str
    demo: str
    demo_text: str
    real: str
    real_text: str
    up: str
    down: str
    grid: str

    @property
    def is_dark(self) -> bool:
        return self.name == "dark"


DARK = Tokens(
    name="dark", background="#12161C", surface="#1A2029", raised="#232B36", text="#E6EAF0", muted="#A3AFBF",
    outline="#6F7E93", accent="#5AA9FF", on_accent="#0B0F14", focus="#FFD166", selection="#24384F",
    warning="#FFD166", error="#FF7B7B", demo="#7BD88F", demo_text="#0B0F14", real="#FF7B7B", real_text="#0B0F14",
    up="#5AA9FF", down="#FFA24B", grid="#2C3644",
)  # fmt: skip

LIGHT = Tokens(
    name="light", background="#FFFFFF", surface="#F4F6F9", raised="#E9EDF2", text="#14181F", muted="#4B5768",
    outline="#76818F", accent="#0B5CAD", on_accent="#FFFFFF", focus="#0B5CAD", selection="#D3E5F8",
    warning="#8A5A00", error="#B3261E", demo="#1B6E34", demo_text="#FFFFFF", real="#B3261E", real_text="#FFFFFF",
    up="#0A5FB4", down="#A84300", grid="#D5DBE3",
)  # fmt: skip

# Lines of indicators and of compared runs, in this order; each keeps 3:1 on the background, and a dash pattern goes
# with it wherever more than one is drawn.
SERIES: dict[str, tuple[str, ...]] = {
    "dark": ("#FFD166", "#C792EA", "#7BD88F", "#F78FB3"),
    "light": ("#8A5A00", "#6A3FA0", "#1B6E34", "#A8326F"),
}

# Name of the choice -> (up, down) in dark and in light.
PRICE_COLOURS: dict[str, dict[str, tuple[str, str]]] = {
    "blue_orange": {"dark": ("#5AA9FF", "#FFA24B"), "light": ("#0A5FB4", "#A84300")},
    "green_red": {"dark": ("#26A69A", "#EF5350"), "light": ("#0B7A5B", "#B3261E")},
    "red_green": {"dark": ("#EF5350", "#26A69A"), "light": ("#B3261E", "#0B7A5B")},
}


def tokens(dark: bool, prices: str = "blue_orange") -> Tokens:
    """The tokens of one theme with the chosen price colours (an unknown choice means the default pair)."""
    base = DARK if dark else LIGHT
    up, down = PRICE_COLOURS.get(prices, PRICE_COLOURS["blue_orange"])[base.name]
    return replace(base, up=up, down=down)
