// @ts-check
// The changes of a swap, as htmx has parsed them.

/**
 * @param {SwapTask} task
 * @param {Element | null} element
 */
export function isOn(task, element) {
  const target = typeof task.target === "string" ? document.querySelector(task.target) : task.target;
  return target !== null && target === element;
}

/**
 * Whether it replaces the whole content of its target, and not single rows.
 * @param {SwapTask} task
 */
export function isWhole(task) {
  return task.swapSpec.style !== "upsert";
}
