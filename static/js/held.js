// @ts-check
// While a list is under a hand, its new rows wait, and its bar says how many. What the shown rows say may
// change meanwhile; where they are does not.

import { isRead, isUnderHand } from "./hand.js";
import { CHANGED, newRows, newRowsOrMore } from "./messages.js";
import { all, find, get, positionOf, positions, rowsOf } from "./page.js";
import * as places from "./places.js";
import { inPlace, isOn, isWhole } from "./swaps.js";

const GRACE = 300; // ms in which a pointer may go from the list to its bar

/**
 * `newest` is the number of the newest row shown; `isCut`: the list had no room for all rows that wait.
 * @typedef {{ newest: string, kept: SwapTask[], isCut: boolean }} Hold
 */

/** By the list's id. @type {Map<string, Hold>} */
const holds = new Map();
/** The lists that are paused until someone resumes them. @type {Set<string>} */
const paused = new Set();
/** @type {SwapTask[]} */
let released = [];
let frame = 0; // in which to look for the hand
let timer = 0;

/** @param {string} id */
export function isPaused(id) {
  return paused.has(id);
}

/** @param {HTMLElement} list */
export function pause(list) {
  paused.add(list.id);
  hold(list);
}

/** @param {HTMLElement} list */
export function resume(list) {
  paused.delete(list.id);
  release(list);
}

export function onHand() {
  frame ||= requestAnimationFrame(onFrame);
  timer ||= setTimeout(letGo, GRACE);
}

function onFrame() {
  frame = 0;
  look();
}

/** @param {MouseEvent} event */
export function onClick(event) {
  /** @type {HTMLElement | null} */
  const pill = event.target instanceof Element ? event.target.closest("[data-shows]") : null;
  if (!pill) return;
  const list = get(pill.dataset.shows ?? "");
  toTop(list);
  resume(list);
}

/**
 * Takes what has to wait out of a swap. The first swap afterwards includes it.
 * @param {DocumentEventMap["htmx:before:swap"]} event
 */
export function onSwap(event) {
  const { tasks } = event.detail;
  look();
  for (const list of lists()) {
    const hold = holds.get(list.id);
    const own = hold ? tasks.filter((task) => isOn(task, list)) : [];
    if (!hold || !own.length) continue;
    const others = tasks.filter((task) => !own.includes(task));
    const changes = own.map((task) => inPlace(task, list, hold.kept.length > 0));
    tasks.splice(0, tasks.length, ...others, ...changes);
    own.forEach((task) => keep(hold, task, Number(list.dataset.most) || Infinity));
    show(list);
  }
  tasks.unshift(...released.splice(0));
}

function letGo() {
  timer = 0;
  const held = lists().filter((list) => holds.has(list.id));
  held.forEach(show);
  held.filter((list) => !paused.has(list.id) && !isUnderHand(list)).forEach(release);
}

function lists() {
  return all("[data-holds]");
}

function look() {
  for (const list of lists()) if (!holds.has(list.id) && isUnderHand(list)) hold(list);
}

/** @param {HTMLElement} list */
function hold(list) {
  if (!holds.has(list.id)) holds.set(list.id, { newest: newestNumber(list), kept: [], isCut: false });
  show(list);
}

/** @param {HTMLElement} list */
function release(list) {
  const kept = holds.get(list.id)?.kept ?? [];
  holds.delete(list.id);
  released.push(...kept);
  const live = get("live");
  if (kept.length) {
    places.order();
    htmx.swap({ text: "", swap: "none", sourceElement: live, target: live });
  }
  show(list);
}

/** @param {HTMLElement} list */
function toTop(list) {
  const box = list.closest("[data-scrolls]");
  if (box) box.scrollTop = 0;
  if (list.getBoundingClientRect().top < 0) list.closest("section, form")?.scrollIntoView();
}

/**
 * @param {Hold} hold
 * @param {SwapTask} task
 * @param {number} most
 */
function keep(hold, task, most) {
  if (isWhole(task)) {
    hold.kept = [];
    hold.isCut = false;
  }
  const newer = new Set(rowsOf(task.fragment).map(({ id }) => id));
  const rows = rowsOneByOne(hold);
  rows.filter((row) => newer.has(row.id)).forEach((row) => row.remove());
  hold.kept.push(task);
  trim(hold, most);
}

/**
 * Drops the oldest rows that came one by one, beyond `most`.
 * @param {Hold} hold
 * @param {number} most
 */
function trim(hold, most) {
  const rows = rowsOneByOne(hold).sort((one, other) => positionOf(one) - positionOf(other));
  const extra = rows.slice(0, Math.max(0, rows.length - most));
  extra.forEach((row) => row.remove());
  hold.isCut ||= extra.length > 0;
  hold.kept = hold.kept.filter((each) => isWhole(each) || positions(each.fragment).length > 0);
}

/** @param {Hold} hold */
function rowsOneByOne(hold) {
  return hold.kept.filter((task) => !isWhole(task)).flatMap((task) => rowsOf(task.fragment));
}

/** @param {HTMLElement} list */
function newestNumber(list) {
  const rows = rowsOf(list).sort((one, other) => positionOf(other) - positionOf(one));
  return rows[0]?.dataset.number ?? "";
}

/** @param {HTMLElement} list */
function show(list) {
  const hold = holds.get(list.id);
  const state = get(`${list.id}-state`);
  const isSaid = hold !== undefined && (hold.kept.length > 0 || paused.has(list.id) || isRead(list));
  get(`${list.id}-bar`).toggleAttribute("data-paused", isSaid);
  const words = isSaid ? `${state.dataset.paused} ${hold.newest}`.trim() : state.dataset.following;
  if (state.textContent !== words) state.textContent = words ?? "";
  showPill(list, hold);
}

/**
 * @param {HTMLElement} list
 * @param {Hold} [hold]
 */
function showPill(list, hold) {
  const pill = get(`${list.id}-pill`);
  pill.hidden = !hold?.kept.length;
  if (!hold || pill.hidden) return;
  const isNew = (/** @type {HTMLElement} */ row) => !list.contains(find(row.id));
  const arriving = hold.kept.flatMap((task) => rowsOf(task.fragment)).filter(isNew);
  const arrived = new Set(arriving.map(({ id }) => id));
  const isMore = hold.isCut || (isWhole(hold.kept[0]) && rowsOf(hold.kept[0].fragment).every(isNew));
  const say = isMore ? newRowsOrMore : newRows;
  pill.textContent = arrived.size ? say(arrived.size, pill.dataset) : CHANGED;
}
