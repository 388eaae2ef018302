// @ts-check
// For screen readers: a summary of new entries from time to time, instead of every row.

import { newRows } from "./messages.js";
import { find, get, positions } from "./page.js";
import { isOn, isWhole } from "./swaps.js";

const PAUSE = 15_000; // ms from the first entry to the announcement

let arrived = 0;

/** @param {DocumentEventMap["htmx:before:swap"]} event */
export function onSwap(event) {
  const rows = event.detail.tasks.filter((task) => isOn(task, find("feed")) && !isWhole(task));
  const count = rows.reduce((sum, task) => sum + positions(task.fragment).length, 0);
  if (count && !arrived) setTimeout(say, PAUSE);
  arrived += count;
}

function say() {
  get("announcement").textContent = newRows(arrived, get("feed-pill").dataset);
  arrived = 0;
}
