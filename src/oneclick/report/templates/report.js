"use strict";
// Everything here adds comfort; the page is complete without it.

for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  if (body.rows.length < 2) continue;
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => sort(table, body, heading, column));
  });
}

function sort(table, body, heading, column) {
  // Numbers start with the largest, texts with A; a second click turns the order round.
  const numeric = heading.classList.contains("number");
  const before = heading.getAttribute("aria-sort");
  const rising = before ? before === "descending" : !numeric;
  const key = (row) => {
    const cell = row.cells[column];
    return numeric ? Number(cell.dataset.order ?? -Infinity) : cell.textContent;
  };
  const compare = (a, b) => (numeric ? key(a) - key(b) : key(a).localeCompare(key(b)));
  const rows = [...body.rows].sort((a, b) => (rising ? compare(a, b) : compare(b, a)));
  body.append(...rows);
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", rising ? "ascending" : "descending");
}

const tip = document.querySelector(".tip");
for (const part of document.querySelectorAll("svg .hint")) {
  const title = part.querySelector("title");
  part.dataset.hint = title.textContent;
  title.remove();
}
document.addEventListener("pointermove", (event) => {
  const part = event.target.closest ? event.target.closest(".hint") : null;
  tip.hidden = !part;
  if (!part) return;
  tip.textContent = part.dataset.hint;
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - box.width - 8)) + "px";
  tip.style.top = Math.max(4, event.clientY - box.height - 10) + "px";
});
