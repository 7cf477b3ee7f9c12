// Live progress of a training, and the estimated time in its form. Both pages work without a script.
"use strict";

const PERIOD = 1000;
const progress = document.getElementById("progress");

// Replaces the sections that differ, so that the focus and the place in the log stay where they are.
function replaceSections(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  if (!progress.querySelector("#train-others") && fresh.querySelector("#train-others")) {
    progress.querySelector("#train-curves").after(fresh.querySelector("#train-others").cloneNode(true));
  }
  for (const section of progress.querySelectorAll("section")) {
    const update = fresh.getElementById(section.id);
    if (!update || update.outerHTML === section.dataset.source) continue;
    const source = update.outerHTML;
    const focused = document.activeElement;
    const hadFocus = section.contains(focused);
    const readers = [...section.querySelectorAll("curve-reader")];
    const places = readers.map((reader) => reader.place);
    section.replaceWith(update);
    update.dataset.source = source;
    const updated = [...update.querySelectorAll("curve-reader")];
    updated.forEach((reader, index) => { reader.place = places[index]; });
    const same = updated[readers.indexOf(focused)] || (focused.id && update.querySelector(`#${CSS.escape(focused.id)}`));
    if (hadFocus) (same || update.querySelector("button, a, pre"))?.focus();
    if (update.id === "train-log") scrollLog();
  }
}

function scrollLog() {
  const log = progress.querySelector("#train-log pre");
  if (log) log.scrollTop = log.scrollHeight;
}

async function follow() {
  if (!document.hidden) {
    try {
      const response = await fetch(progress.dataset.part);
      if (response.ok) replaceSections(await response.text());
      else if (response.status === 404) return;
    } catch { /* the server is being restarted: try again */ }
  }
  if (progress.querySelector("#train-state").dataset.live === "yes") setTimeout(follow, PERIOD);
}

if (progress) {
  for (const section of progress.querySelectorAll("section")) section.dataset.source = section.outerHTML;
  scrollLog();
  if (progress.querySelector("#train-state").dataset.live === "yes") setTimeout(follow, PERIOD);
}

const form = document.querySelector("form[data-estimate]");
let requests = 0;

// Shows the estimated time, and the defaults by the data as soon as they are computed.
async function estimate() {
  const request = ++requests;
  const data = new FormData(form);
  data.set("upload", data.getAll("files").some((file) => file.name));
  data.delete("files");
  data.set("explored", form.dataset.explored || "");
  const response = await fetch(`${form.dataset.estimate}?${new URLSearchParams(data)}`);
  if (!response.ok) return;
  const { text, defaults, pending } = await response.json();
  if (request !== requests) return; // the form was changed meanwhile, and its estimate is requested
  document.getElementById("estimate").textContent = text;
  for (const [name, value] of Object.entries(defaults)) {
    const field = document.getElementById(`option-${name}`);
    if (field && "placeholder" in field) field.placeholder = `${value}, by the data`;
  }
  if (pending) setTimeout(estimate, 2 * PERIOD);
}

if (form) {
  form.addEventListener("change", estimate);
  if (form.dataset.explored) estimate();
  const wrong = form.querySelector("[aria-invalid]");
  if (wrong) wrong.focus();
}
