// @ts-check
// The badge shows two things: the state of the connection, and the state of the read models. The figure of
// the read models says the same.

import { state as connection } from "./live/view.js";
import { ago, seconds } from "./messages.js";
import { find } from "./page.js";
import { inWords, setClock, sinceTicks } from "./times.js";

let server = "live";
let last = 0; // when the newest event was recorded, in the server's ticks; 0 if there is none

/** @param {DocumentEventMap["beat"]} event */
export function onBeat(event) {
  const beat = JSON.parse(event.detail.data);
  setClock(beat.now);
  last = Math.max(last, beat.last ?? 0);
  server = beat.state;
}

export function show() {
  const badge = find("badge");
  const state = connection() === "open" ? server : connection();
  if (!badge || state === "none") return;
  showFigure(state);
  if (badge.dataset.state !== state) {
    badge.dataset.state = document.body.dataset.state = state;
    write(badge, ".state", badge.dataset[state] ?? state);
  }
  write(badge, ".age", last ? age(sinceTicks(last)) : "");
}

/**
 * In a state for which it has no words, it still says what was true before.
 * @param {string} state
 */
function showFigure(state) {
  /** @type {HTMLElement | null} */
  const figure = document.querySelector("[data-models]");
  const words = figure?.dataset[state];
  if (!figure || !words || figure.textContent === words) return;
  figure.textContent = words;
  figure.classList.toggle("ok", state === "live");
  figure.classList.toggle("warn", state !== "live");
}

/** @param {number} passed In seconds. */
function age(passed) {
  return ago(passed < 10 ? seconds(passed.toFixed(1)) : inWords(passed));
}

/**
 * @param {HTMLElement} badge
 * @param {string} part
 * @param {string} text
 */
function write(badge, part, text) {
  const element = badge.querySelector(part);
  if (element) element.textContent = text;
}
