// @ts-check
// Forms: the messages while one is sent and if no answer comes; panels that open and close.

import { SENDING } from "./messages.js";

/**
 * The answer replaces the message: the form, or the whole page.
 * @param {SubmitEvent} event
 */
export function onSubmit(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
  say(form, "sending", form.dataset.sending ?? SENDING);
}

/** A page that comes back from the browser's memory is not being sent any more. */
export function onShow() {
  for (const note of document.querySelectorAll("form > .message > .sending")) note.remove();
}

/**
 * @param {HTMLElement} form
 * @param {string} kind
 * @param {string} words
 */
function say(form, kind, words) {
  const note = document.createElement("p");
  note.className = kind;
  note.textContent = words;
  form.querySelector(":scope > .message")?.replaceChildren(note);
}

/** @param {DocumentEventMap["htmx:error"]} event */
export function onFailure(event) {
  /** @type {HTMLElement | null} */
  const form = event.detail.ctx.sourceElement.closest("form[data-unanswered]");
  if (form) say(form, "error", form.dataset.unanswered ?? "");
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
