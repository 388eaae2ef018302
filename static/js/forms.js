// @ts-check
// Forms: the message if no answer comes; panels that open and close.

/** @param {DocumentEventMap["htmx:error"]} event */
export function onFailure(event) {
  /** @type {HTMLElement | null} */
  const form = event.detail.ctx.sourceElement.closest("form[data-unanswered]");
  if (!form) return;
  const note = document.createElement("p");
  note.className = "error";
  note.textContent = form.dataset.unanswered ?? "";
  form.querySelector(".message")?.replaceChildren(note);
}

/**
 * The focus moves into the form of a panel that opens, unless it is there already.
 * @param {Event} event
 */
export function onToggle(event) {
  const panel = event.target;
  if (!(panel instanceof HTMLDetailsElement) || !panel.open) return;
  const isInside = panel.contains(document.activeElement) && !document.activeElement?.matches("summary");
  /** @type {HTMLInputElement | null} */
  const input = panel.querySelector("form input:not([type=hidden])");
  if (!isInside) input?.focus();
}

/** @param {KeyboardEvent} event */
export function onEscape(event) {
  if (event.key !== "Escape" || !(event.target instanceof Element)) return;
  const panel = event.target.closest("details");
  if (!panel?.open) return;
  panel.open = false;
  panel.querySelector("summary")?.focus();
}
