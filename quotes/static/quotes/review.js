// The keys of a review: a applies, 1 to 9 choose a common reason, d declines with the reason that was
// chosen or written, or asks for one, n goes to the next line without a decision. Ignored in text
// fields and with modifier keys. In the list of reasons, a and n choose by their first letter.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest("input, textarea")) return;
  if (event.target.closest("select") && !/^[1-9d]$/.test(event.key)) return;
  const reasons = document.getElementById("id_often");
  if (reasons && /^[1-9]$/.test(event.key)) {
    const chosen = reasons.querySelectorAll("optgroup option")[Number(event.key) - 1];
    if (!chosen) return;
    chosen.selected = true;
    document.querySelector("[data-key=d]").focus();
  } else {
    const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!button) return;
    if (event.key === "d" && lacksReason(reasons)) askReason(reasons);
    else button.click();
  }
  event.preventDefault();
});

// A click on the button asks as well, instead of a page of its own.
document.querySelector("[data-key=d]")?.addEventListener("click", (event) => {
  const reasons = document.getElementById("id_often");
  if (!lacksReason(reasons)) return;
  event.preventDefault();
  askReason(reasons);
});

for (const name of ["id_often", "id_reason"]) {
  document.getElementById(name)?.addEventListener("input", () => setAsked(false));
}

function lacksReason(reasons) {
  const written = document.getElementById("id_reason");
  return Boolean(reasons) && !reasons.value && !written.value.trim();
}

function askReason(reasons) {
  setAsked(true);
  reasons.focus();
}

function setAsked(isAsked) {
  const note = document.getElementById("reason-needed");
  if (note) note.hidden = !isAsked;
}
