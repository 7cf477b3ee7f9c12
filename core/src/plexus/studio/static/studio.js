// Small additions to pages that work without a script.
"use strict";

// A form with data-confirm asks first; a button with data-copy copies the text of the element that it names.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copy).innerText;
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select and copy by hand";
  }
  setTimeout(() => { button.textContent = label; }, 2000);
});

// A form that works for a while says so, and cannot be sent twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.busy) return;
  const button = event.submitter || form.querySelector("button");
  if (!button) return;
  setTimeout(() => { button.disabled = true; button.textContent = form.dataset.busy; }, 0);
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-busy] button[disabled]").forEach((each) => { each.disabled = false; });
});
