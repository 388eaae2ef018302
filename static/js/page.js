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
 * @param {string} selector
 * @param {ParentNode} [parent]
 * @returns {HTMLElement[]}
 */
export function all(selector, parent = document) {
  return [...parent.querySelectorAll(selector)].filter((each) => each instanceof HTMLElement);
}

/**
 * The rows in `parent` that have a position.
 * @param {ParentNode} parent
 */
export function rowsOf(parent) {
  return all("[data-position]", parent);
}

/** @param {HTMLElement} row */
export function positionOf(row) {
  return Number(row.dataset.position);
}

/** @param {ParentNode} parent */
export function positions(parent) {
  return rowsOf(parent).map(positionOf);
}
