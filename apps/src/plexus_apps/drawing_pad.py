"""A field to draw in with the mouse, a pen or a finger."""

import base64
import binascii
from typing import Any

import gradio as gr  # noqa: TID253 - pages alone import this module

from plexus import InputError

SIDE, LINE = 280, 20
"""Of the drawing and of its lines, in pixels."""
_PREFIX = "data:image/png;base64,"
_TEMPLATE = f"""<div class="app-caption">Draw here</div>
<canvas width="{SIDE}" height="{SIDE}" role="img" aria-label="Drawing" style="width:100%;max-width:{SIDE}px;
aspect-ratio:1;border:1px solid var(--border-color-primary);border-radius:6px;background:#fff;touch-action:none;
cursor:crosshair"></canvas><br><button type="button" class="app-button">Clear</button>"""
_SCRIPT = f"""
const canvas = element.querySelector('canvas'), context = canvas.getContext('2d');
const clear = () => {{ context.fillStyle = '#fff'; context.fillRect(0, 0, canvas.width, canvas.height); }};
const place = event => {{
  const box = canvas.getBoundingClientRect(), scale = canvas.width / box.width;
  return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
}};
let drawing = false;
clear();
Object.assign(context, {{lineWidth: {LINE}, lineCap: 'round', lineJoin: 'round', strokeStyle: '#1c2430'}});
canvas.addEventListener('pointerdown', event => {{
  drawing = true;
  canvas.setPointerCapture(event.pointerId);
  context.beginPath();
  context.moveTo(...place(event));
  context.lineTo(...place(event));
  context.stroke();
}});
canvas.addEventListener('pointermove', event => {{
  if (drawing) {{ context.lineTo(...place(event)); context.stroke(); }}
}});
for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => {{
  if (drawing) trigger('submit', {{image: canvas.toDataURL('image/png')}});
  drawing = false;
}});
element.querySelector('button').addEventListener('click', clear);
"""


def drawing_pad() -> gr.HTML:
    """Add a field to draw in, dark on white; its event `submit` comes after each line, with the drawing as its data.

    Gradio's own `Sketchpad` has no height on a phone, and draws only after its brush was chosen.

    Returns:
        The component.
    """
    return gr.HTML(html_template=_TEMPLATE, js_on_load=_SCRIPT, padding=False, elem_classes="drawing-pad")


def drawing_of(event: gr.EventData) -> bytes:
    """Return the drawing that an event of a pad has.

    Args:
        event: The event.

    Returns:
        A PNG file.

    Raises:
        InputError: If there is none.
    """
    data: Any = (event._data or {}).get("image")
    try:
        if not (isinstance(data, str) and data.startswith(_PREFIX)):
            raise InputError("the drawing is empty: draw first")
        return base64.b64decode(data.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise InputError("the drawing is no PNG image: draw again") from error
