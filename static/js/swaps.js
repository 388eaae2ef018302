// @ts-check
// The changes of a swap, as htmx has parsed them.

import { find, rowsOf } from "./page.js";

/**
 * @param {SwapTask} task
 * @param {Element | null} element
 */
export function isOn(task, element) {
  const target = targetOf(task);
  return target !== null && target === element;
}

/** @param {SwapTask} task */
export function targetOf(task) {
  return typeof task.target === "string" ? document.querySelector(task.target) : task.target;
}

/**
 * Whether it replaces the whole content of its target, and not single rows.
 * @param {SwapTask} task
 */
export function isWhole(task) {
  return task.swapSpec.style !== "upsert";
}

/**
 * The part of `task` that only changes what the rows of `list` say. If the task comes later than others that
 * wait, it keeps these rows too.
 * @param {SwapTask} task
 * @param {HTMLElement} list
 * @param {boolean} isLater
 * @returns {SwapTask}
 */
export function inPlace(task, list, isLater) {
  const fragment = new DocumentFragment();
  const isCopied = isLater || isWhole(task);
  for (const row of rowsOf(task.fragment)) {
    const shown = find(row.id);
    if (!shown || !list.contains(shown)) continue;
    if (wordsOf(shown) !== wordsOf(row)) fragment.append(isCopied ? row.cloneNode(true) : row);
    else if (!isCopied) row.remove();
  }
  if (isWhole(task) && "changes" in list.dataset) markOthers(task, list);
  return { target: list, fragment, swapSpec: { style: "upsert" } };
}

/**
 * Marks the rows that a list would no longer show: what the server sends does not say whether they changed.
 * @param {SwapTask} task
 * @param {HTMLElement} list
 */
function markOthers(task, list) {
  const wanted = new Set(rowsOf(task.fragment).map(({ id }) => id));
  for (const row of rowsOf(list)) row.toggleAttribute("data-was", !wanted.has(row.id));
}

/**
 * Without times, which count on.
 * @param {HTMLElement} row
 */
function wordsOf(row) {
  const copy = /** @type {HTMLElement} */ (row.cloneNode(true));
  for (const time of copy.querySelectorAll("time[data-ago]")) time.remove();
  return copy.textContent?.replace(/\s+/g, " ");
}
