// @ts-check
// What a swap changes, as htmx has parsed it.

/**
 * @param {SwapTask} task
 * @param {Element | null} element
 */
export function isOn(task, element) {
  const target = typeof task.target === "string" ? document.querySelector(task.target) : task.target;
  return target !== null && target === element;
}

/**
 * Whether it replaces all of its target, not single rows.
 * @param {SwapTask} task
 */
export function isWhole(task) {
  return task.swapSpec.style !== "upsert";
}
