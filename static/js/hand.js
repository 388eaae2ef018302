// @ts-check
// Whether someone uses a list: points at it, walks through it with keys, has scrolled it, or selects in it.

import { find } from "./page.js";

const HEADER = 80; // px at the top of the window in which a list does not count as read
const NUDGE = 4; // px that a list may be scrolled by accident
const LIFTED = ["pointerup", "pointercancel"]; // events after which a finger is not on the page any more

/**
 * Where the mouse, the pen or a finger is; null if none is on the page.
 * @type {{ x: number, y: number } | null}
 */
let pointer = null;

/** @param {PointerEvent} event */
export function onPointer(event) {
  const isLifted = event.pointerType === "touch" && LIFTED.includes(event.type);
  const hasLeft = event.type === "pointerout" && event.relatedTarget === null;
  pointer = isLifted || hasLeft ? null : { x: event.clientX, y: event.clientY };
}

/** @param {HTMLElement} list */
export function isUnderHand(list) {
  return isPointedAt(list) || list.querySelector(":focus-visible") !== null || isRead(list);
}

/** @param {HTMLElement} list */
export function isRead(list) {
  const selection = getSelection();
  const isSelecting = !!selection && !selection.isCollapsed && list.contains(selection.anchorNode);
  return isSelecting || isScrolled(list);
}

/**
 * A page that has scrolled under a mouse at rest learns only later what it hovers over.
 * @param {HTMLElement} list
 */
function isPointedAt(list) {
  const element = pointer && document.elementFromPoint(pointer.x, pointer.y);
  return element !== null && (list.contains(element) || element === find(`${list.id}-pill`));
}

/** @param {HTMLElement} list */
function isScrolled(list) {
  const box = list.closest("[data-scrolls]");
  const { top, bottom } = (box ?? list).getBoundingClientRect();
  return (box?.scrollTop ?? 0) > NUDGE || (top < 0 && bottom > HEADER);
}
