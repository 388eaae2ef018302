// @ts-check
// In a list whose rows change (`data-changes`), rows keep their places, so that it can be read. A new row
// comes on top, but not in quick succession: then it takes the place of the row that changed longest ago.

import { all, rowsOf } from "./page.js";
import { isOn, isWhole } from "./swaps.js";

const CALM = 2000; // ms from one row on top to the next

/** The rows shown before the swap. @type {Set<string>} */
let shown = new Set();
let isOrdered = false; // whether this swap may change the order
let isAsked = false; // whether the next swap may
let ordered = -CALM; // when the order changed last

/** The rows of the next swap have waited, and all come in order. */
export function order() {
  isAsked = true;
}

/** @param {DocumentEventMap["htmx:before:swap"]} event */
export function onSwap(event) {
  const wasAsked = isAsked;
  isAsked = false;
  isOrdered = wasAsked || performance.now() - ordered >= CALM;
  for (const list of all("[data-changes][data-most]")) {
    shown = new Set(rowsOf(list).map(({ id }) => id));
    const tasks = event.detail.tasks.filter((task) => isOn(task, list) && isWhole(task));
    if (!wasAsked) tasks.forEach(keepPlaces);
  }
}

/**
 * @param {HTMLElement} list
 * @param {HTMLElement[]} extra Rows for which it has no room, oldest first.
 */
export function replace(list, extra) {
  const added = "changes" in list.dataset ? rowsOf(list).filter(({ id }) => !shown.has(id)) : [];
  if (isOrdered && added.length) ordered = performance.now();
  for (const row of isOrdered ? [] : extra) {
    const next = added.pop();
    if (next && next !== row) row.before(next);
  }
}

/** @param {SwapTask} task */
function keepPlaces(task) {
  const wanted = new Map(rowsOf(task.fragment).map((row) => [row.id, row]));
  const added = [...wanted.keys()].filter((id) => !shown.has(id));
  const onTop = added.splice(0, wanted.size - shown.size);
  const order = [...onTop, ...[...shown].map((id) => (wanted.has(id) ? id : added.shift()))];
  for (const id of order) if (id) task.fragment.append(wanted.get(id) ?? "");
}
