// @ts-check
// A form with a file: one can be dropped on it, and a file that is too large is refused before it is sent.

/** @param {DragEvent} event */
export function onDrag(event) {
  const zone = zoneOf(event);
  if (zone) event.preventDefault(); // so that it can be dropped here
  for (const each of document.querySelectorAll("[data-drop]")) {
    each.classList.toggle("over", each === zone && event.type === "dragover");
  }
}

/** @param {DragEvent} event */
export function onDrop(event) {
  onDrag(event);
  /** @type {HTMLInputElement | null | undefined} */
  const input = zoneOf(event)?.querySelector("input[type=file]");
  const file = event.dataTransfer?.files[0];
  if (!input || !file) return;
  const one = new DataTransfer();
  one.items.add(file);
  input.files = one.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** @param {Event} event */
export function onChange(event) {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.dataset.largest) return;
  const size = input.files?.[0]?.size ?? 0;
  const wrong = size > Number(input.dataset.largest) ? (input.dataset.tooLarge ?? "") : "";
  input.setCustomValidity(wrong);
  const note = document.createElement("p");
  note.className = "error";
  note.textContent = wrong;
  input.closest("[data-drop]")?.querySelector(".message")?.replaceChildren(...(wrong ? [note] : []));
}

/** @param {Event} event */
function zoneOf(event) {
  return event.target instanceof Element ? event.target.closest("[data-drop]") : null;
}
