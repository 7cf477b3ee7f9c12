// Reads out the values of curves at the pointer, at a touch, and by the arrow keys of a slider below them.
"use strict";

class CurveReader extends HTMLElement {
  connectedCallback() {
    const svg = this.querySelector("svg[data-curves]");
    if (this.shadowRoot || !svg) return;
    const { x, series } = JSON.parse(svg.dataset.curves);
    const places = [...new Set(series.flatMap((each) => each.points.map((point) => point[0])))].sort((a, b) => a - b);
    if (!places.length) return;
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    root.innerHTML = `<style>:host { display: block } input, p { position: sticky; left: 0; max-width: calc(100vw - 2.5em) }
      input { display: block; width: 100%; margin: .3em 0 0; accent-color: var(--bar) } p { margin: 0; min-height: 1.5em; font-size: .9em; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }</style>
      <slot></slot><input type="range" min="0" step="1"><p aria-hidden="true"></p>`;
    const slider = root.querySelector("input");
    slider.max = slider.value = places.length - 1;
    slider.setAttribute("aria-label", x);
    const marks = svg.appendChild(document.createElementNS(svg.namespaceURI, "g"));
    marks.setAttribute("aria-hidden", "true");

    const show = (withMarks) => {
      const place = places[slider.value];
      const shown = series.map((each) => [each.name, each.points.find((point) => point[0] === place)]);
      const text = `${x} ${place}: ${shown.map(([name, point]) => `${name} ${point ? point[1] : "no value"}`).join(", ")}`;
      slider.setAttribute("aria-valuetext", text);
      root.querySelector("p").textContent = text;
      marks.replaceChildren(...shown.filter(([, point]) => point && withMarks).map(([, point]) => {
        const mark = document.createElementNS(svg.namespaceURI, "circle");
        const style = { cx: point[2], cy: point[3], r: 4, fill: "none", stroke: "currentColor", "stroke-width": 1.5 };
        for (const [name, value] of Object.entries(style)) mark.setAttribute(name, value);
        return mark;
      }));
    };
    const follow = (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse()).x;
      const points = series.flatMap((each) => each.points);
      const nearest = points.reduce((a, b) => (Math.abs(b[2] - at) < Math.abs(a[2] - at) ? b : a));
      slider.value = places.indexOf(nearest[0]);
      show(true);
    };
    slider.addEventListener("input", () => show(true));
    // The place that is read out; undefined for the last one, which moves while a training adds epochs.
    Object.defineProperty(this, "place", {
      get: () => (slider.value === slider.max ? undefined : places[slider.value]),
      set: (place) => {
        if (!places.includes(place)) return;
        slider.value = places.indexOf(place);
        show(true);
      },
    });
    for (const kind of ["pointermove", "pointerdown"]) svg.addEventListener(kind, follow);
    show(false);
  }
}
customElements.define("curve-reader", CurveReader);
