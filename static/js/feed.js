// @ts-check
// The book of original entry has a button that pauses it.

import * as held from "./held.js";
import { find, get } from "./page.js";

export function start() {
  if (!find("feed")) return;
  get("pause").hidden = false;
  get("pause").addEventListener("click", toggle);
}

export function toggle() {
  const feed = find("feed");
  if (!feed) return;
  if (held.isPaused(feed.id)) held.resume(feed);
  else held.pause(feed);
  show();
}

/** The pill resumes too. */
export function show() {
  const button = find("pause");
  if (!button) return;
  const isPaused = held.isPaused("feed");
  button.setAttribute("aria-pressed", String(isPaused));
  const words = isPaused ? button.dataset.resume : button.dataset.pause;
  if (button.firstElementChild) button.firstElementChild.textContent = words ?? "";
}
