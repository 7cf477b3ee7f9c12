// A page with an element that has data-refresh is loaded again after so many seconds, until it has none.
"use strict";

// Replaces the parts that differ, so that a screen reader speaks a status once.
function replaceParts(element, next) {
  const parts = [...next.children];
  if (element.children.length !== parts.length) { element.replaceChildren(...next.childNodes); return; }
  [...element.children].forEach((part, place) => {
    if (part.outerHTML !== parts[place].outerHTML) part.replaceWith(parts[place]);
  });
}

async function refresh(element) {
  try {
    const response = await fetch(location.href, { cache: "no-store" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const next = page.querySelector("[data-refresh]");
    if (!next) { location.reload(); return; }
    replaceParts(element, next);
  } catch { /* the server is busy or gone: try again */ }
  setTimeout(refresh, 1000 * element.dataset.refresh, element);
}

document.addEventListener("DOMContentLoaded", () => {
  const element = document.querySelector("[data-refresh]");
  if (element) setTimeout(refresh, 1000 * element.dataset.refresh, element);
});
