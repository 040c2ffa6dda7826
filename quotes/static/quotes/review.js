// The keys of a review: a applies, d focuses the reason, 1 to 9 choose a common reason, n goes to the
// next line without a decision. Ignored in text fields and with modifier keys.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest("input, textarea, select")) return;
  const reasons = document.getElementById("id_often");
  if (reasons && /^[1-9]$/.test(event.key)) {
    const options = reasons.querySelectorAll("optgroup option");
    const chosen = options[Number(event.key) - 1];
    if (!chosen) return;
    chosen.selected = true;
    document.querySelector("[data-key=d]").focus();
  } else if (event.key === "d" && reasons) {
    reasons.focus();
  } else {
    const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!button) return;
    button.click();
  }
  event.preventDefault();
});
