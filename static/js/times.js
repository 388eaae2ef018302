// @ts-check
// How long ago something was, by the server's clock.

import { JUST_NOW, days, hours, inUtc, minutes, seconds } from "./messages.js";

const UNITS = [
  { length: 86_400, words: days },
  { length: 3600, words: hours },
  { length: 60, words: minutes },
]; // lengths in seconds
const TICKS = 10_000; // of the log's clock in a millisecond

let skew = 0; // ms that the server's clock is ahead of ours

/** @param {number} ticks The server's time. */
export function setClock(ticks) {
  skew = ticks / TICKS - Date.now();
}

/** @param {number} ticks */
export function sinceTicks(ticks) {
  return since(ticks / TICKS);
}

/** @param {number} ms */
function since(ms) {
  return Math.max(0, Date.now() + skew - ms) / 1000;
}

/** @param {number} passed In seconds. */
export function inWords(passed) {
  const unit = UNITS.find((one) => passed >= one.length) ?? { length: 1, words: seconds };
  return unit.words(Math.floor(passed / unit.length));
}

export function show() {
  /** @type {NodeListOf<HTMLTimeElement>} */
  const times = document.querySelectorAll("time[data-ago]");
  for (const time of times) {
    const passed = since(Date.parse(time.dateTime));
    const text = passed < 2 ? JUST_NOW : inWords(passed);
    time.title ||= inUtc(time.dateTime.replace("T", " ").replace("Z", ""));
    if (time.textContent !== text) time.textContent = text;
  }
}
