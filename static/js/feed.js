// @ts-check
// The book of original entry waits while the user reads it: new entries are kept, and shown afterwards.

import { newEntries, newEntriesOrMore } from "./messages.js";
import { find, get, positionOf, positions, rowsOf } from "./page.js";
import { isOn, isWhole } from "./swaps.js";

/** Why the feed waits: "" if it does not. @type {"" | "hand" | "reading"} */
let paused = "";
let newest = 0; // the position of the newest entry shown when it was paused
let cut = false; // whether new entries were dropped because the list has no room for them
/** @type {SwapTask[]} */
let kept = [];

export function start() {
  if (!find("feed")) return;
  get("pause").hidden = false;
  get("pause").addEventListener("click", toggle);
  get("feed-pill").addEventListener("click", () => {
    get("feed-scroll").scrollTop = 0;
    resume();
  });
}

export function toggle() {
  if (paused === "hand") resume();
  else pause("hand");
}

export function onReading() {
  if (isRead()) pause("reading");
  else if (paused === "reading") resume();
}

/**
 * While the feed is paused, takes its entries out of a swap. The first swap afterwards includes them.
 * @param {DocumentEventMap["htmx:before:swap"]} event
 */
export function onSwap(event) {
  const { tasks } = event.detail;
  if (!paused) {
    tasks.unshift(...kept.splice(0));
    return;
  }
  const own = tasks.filter((task) => isOn(task, find("feed")));
  tasks.splice(0, tasks.length, ...tasks.filter((task) => !own.includes(task)));
  own.forEach(keep);
  if (own.length) show();
}

/** @param {SwapTask} task */
function keep(task) {
  if (isWhole(task)) {
    kept = [];
    cut = false;
  }
  kept.push(task);
  trim(Number(get("feed").dataset.most));
}

/**
 * Drops the oldest entries that came one by one, beyond `most`.
 * @param {number} most
 */
function trim(most) {
  const rows = kept
    .filter((each) => !isWhole(each))
    .flatMap((each) => rowsOf(each.fragment))
    .sort((one, other) => positionOf(one) - positionOf(other));
  if (rows.length <= most) return;
  rows.slice(0, rows.length - most).forEach((row) => row.remove());
  kept = kept.filter((each) => isWhole(each) || positions(each.fragment).length > 0);
  cut = true;
}

/** @param {"hand" | "reading"} why */
function pause(why) {
  if (paused === "hand" || paused === why || !find("feed")) return;
  if (!paused) newest = Math.max(0, ...positions(get("feed")));
  paused = why;
  show();
}

function resume() {
  if (!paused) return;
  paused = "";
  cut = false;
  htmx.swap({ text: "", swap: "none", sourceElement: get("live"), target: get("live") });
  show();
}

function isRead() {
  const box = find("feed-scroll");
  if (!box) return false;
  const selection = getSelection();
  const isSelecting = !!selection && !selection.isCollapsed && box.contains(selection.anchorNode);
  const { top, bottom } = box.getBoundingClientRect();
  const isScrolledPast = top < 0 && bottom > 80;
  return isSelecting || box.scrollTop > 4 || isScrolledPast;
}

function show() {
  const state = get("feed-state");
  get("feed-bar").toggleAttribute("data-paused", paused !== "");
  state.textContent = paused ? `${state.dataset.paused} ${newestNumber()}` : state.dataset.following ?? "";
  showPill();
  const button = get("pause");
  button.setAttribute("aria-pressed", String(paused === "hand"));
  const words = paused === "hand" ? button.dataset.resume : button.dataset.pause;
  if (button.firstElementChild) button.firstElementChild.textContent = words ?? "";
}

function newestNumber() {
  /** @type {HTMLElement | null} */
  const row = get("feed").querySelector(`[data-position="${newest}"]`);
  return row?.dataset.number ?? "";
}

function showPill() {
  const pill = get("feed-pill");
  const arrived = kept.flatMap((task) => positions(task.fragment));
  const count = new Set(arrived.filter((position) => position > newest)).size;
  const isMore = cut || (kept.length > 0 && isWhole(kept[0]) && Math.min(...arrived) > newest);
  pill.hidden = count === 0;
  pill.textContent = isMore ? newEntriesOrMore(count) : newEntries(count);
}
