"""The look: calm slate with one accent, dark and light. All of Textual's own themes can be chosen in the palette."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="wizard-dark",
    primary="#6cb6c9",
    secondary="#8aa4c8",
    accent="#e2b06f",
    success="#8fc48a",
    warning="#e2b06f",
    error="#e88388",
    foreground="#dbe2ea",
    background="#12171e",
    surface="#1a212b",
    panel="#222b37",
    variables={
        "block-cursor-background": "#2c4a56",
        "block-cursor-foreground": "#f2f6fa",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#222b37",
        "border": "#6cb6c9",
        "border-blurred": "#33404f",
        "footer-key-foreground": "#6cb6c9",
        "footer-background": "#1a212b",
        "button-color-foreground": "#12171e",
        "button-focus-text-style": "bold",
        "scrollbar": "#33404f",
        "scrollbar-background": "#12171e",
        "scrollbar-hover": "#445468",
        "scrollbar-active": "#6cb6c9",
    },
)

LIGHT = Theme(
    name="wizard-light",
    primary="#1f6f87",
    secondary="#4a648c",
    accent="#8f5a0f",
    success="#2f6f33",
    warning="#8f5a0f",
    error="#ad2f3a",
    foreground="#1c2530",
    background="#f7f8fa",
    surface="#eceff3",
    panel="#dfe5ec",
    dark=False,
    variables={
        "block-cursor-background": "#bcdbe4",
        "block-cursor-foreground": "#10202a",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#dfe5ec",
        "border": "#1f6f87",
        "border-blurred": "#b9c4d0",
        "footer-key-foreground": "#1f6f87",
        "footer-background": "#eceff3",
        "button-color-foreground": "#f7f8fa",
        "button-focus-text-style": "bold",
    },
)
