// @ts-check
// A list to which rows are added on top slides down as one sheet, so that the eye can follow it. Its rows do
// not move one by one: those that are in another place than before are put there as new ones.

import { all } from "./page.js";
import { targetOf } from "./swaps.js";

const LENGTH = 200; // ms
const STEP = 1; // px that count as a move
const LONGEST = 240; // px: what is faster than that cannot be followed, and is simply there

const isStill = matchMedia("(prefers-reduced-motion: reduce)");

/** Where the rows were before the swaps that are under way, in px. @type {Map<HTMLElement, number>} */
let tops = new Map();
/** @type {WeakMap<HTMLElement, Animation>} */
const slides = new WeakMap();

/** @param {DocumentEventMap["htmx:before:swap"]} event */
export function remember(event) {
  const targets = event.detail.tasks.map(targetOf);
  const concerned = lists().filter((list) => targets.some((target) => target?.contains(list)));
  for (const row of concerned.flatMap(rowsIn)) if (!tops.has(row)) tops.set(row, row.offsetTop);
}

export function play() {
  const before = tops;
  tops = new Map();
  if (before.size === 0) return;
  for (const list of lists()) {
    const moved = rowsIn(list).filter((row) => Math.abs(wayOf(row, before)) >= STEP);
    const staying = rowsIn(list).filter((row) => before.has(row) && isInSight(row));
    const ways = new Set(staying.map((row) => wayOf(row, before)));
    const marks = moved.map((row) => row.getAnimations()[0]?.effect?.getComputedTiming());
    moved.forEach((row, number) => renew(row, marks[number]));
    if (moved.length && ways.size === 1) slide(list, [...ways][0]);
  }
}

/**
 * @param {HTMLElement} row
 * @param {Map<HTMLElement, number>} tops
 */
function wayOf(row, tops) {
  const top = row.offsetTop;
  return (tops.get(row) ?? top) - top;
}

/** @param {HTMLElement} row */
function isInSight(row) {
  const { top, bottom } = row.getBoundingClientRect();
  return top < innerHeight && bottom > 0;
}

/**
 * @param {HTMLElement} row
 * @param {ComputedEffectTiming} [mark] How far the mark of a changed row is.
 */
function renew(row, mark) {
  const copy = /** @type {HTMLElement} */ (row.cloneNode(true));
  copy.classList.toggle("fresh", mark !== undefined);
  if (mark) copy.style.animationDelay = `-${(mark.progress ?? 0) * Number(mark.duration)}ms`; // it goes on
  row.replaceWith(copy);
}

/**
 * @param {HTMLElement} list
 * @param {number} way
 */
function slide(list, way) {
  const from = way + new DOMMatrix(getComputedStyle(list).transform).m42;
  slides.get(list)?.cancel();
  if (isStill.matches || document.hidden || Math.abs(from) > LONGEST) return;
  const start = { transform: `translateY(${from}px)`, clipPath: `inset(${Math.max(0, -from)}px 0 0)` };
  const end = { transform: "translateY(0)", clipPath: "inset(0)" };
  slides.set(list, list.animate([start, end], { duration: LENGTH, easing: "ease-out" }));
}

function lists() {
  return all("[data-rows]");
}

/** @param {HTMLElement} list */
function rowsIn(list) {
  return all(":scope > *", list);
}
