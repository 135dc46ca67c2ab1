"""The colours of the terminal: one quiet background, one accent for what is Comity's, one for what is private."""

from textual.theme import Theme

NIGHT = Theme(
    name="night",
    primary="#7CA9D6",
    secondary="#B79AD8",
    accent="#7CA9D6",
    warning="#D9A85B",
    error="#D96C6C",
    success="#86B58A",
    foreground="#D3D8DF",
    background="#101419",
    surface="#161B22",
    panel="#1F2630",
    dark=True,
    variables={"quiet": "#8A929E"},
)
