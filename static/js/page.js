// @ts-check
// Elements of the page.

import { noElement } from "./messages.js";

/** @param {string} id */
export function find(id) {
  return document.getElementById(id);
}

/**
 * An element that the page must have.
 * @param {string} id
 */
export function get(id) {
  const element = find(id);
  if (!element) throw new Error(noElement(id));
  return element;
}

/**
 * The rows in `parent` that have a position.
 * @param {ParentNode} parent
 * @returns {HTMLElement[]}
 */
export function rowsOf(parent) {
  return [...parent.querySelectorAll("[data-position]")].filter((row) => row instanceof HTMLElement);
}

/** @param {HTMLElement} row */
export function positionOf(row) {
  return Number(row.dataset.position);
}

/** @param {ParentNode} parent */
export function positions(parent) {
  return rowsOf(parent).map(positionOf);
}
