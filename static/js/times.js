// @ts-check
// How long ago something was, by the server's clock.

const UNITS = [
  { name: "d", seconds: 86_400 },
  { name: "h", seconds: 3600 },
  { name: "min", seconds: 60 },
  { name: "s", seconds: 1 },
];
const TICKS = 10_000; // of the log's clock in a millisecond

let skew = 0; // ms that the server's clock is ahead of ours

/** @param {number} ticks The server's time. */
export function setClock(ticks) {
  skew = ticks / TICKS - Date.now();
}

/** @param {number} ticks */
export function sinceTicks(ticks) {
  return since(ticks / TICKS);
}

/** @param {number} ms */
function since(ms) {
  return Math.max(0, Date.now() + skew - ms) / 1000;
}

/** @param {number} seconds */
export function inWords(seconds) {
  const unit = UNITS.find((one) => seconds >= one.seconds) ?? { name: "s", seconds: 1 };
  return `${Math.floor(seconds / unit.seconds)} ${unit.name}`;
}

export function show() {
  /** @type {NodeListOf<HTMLTimeElement>} */
  const times = document.querySelectorAll("time[data-ago]");
  for (const time of times) {
    const seconds = since(Date.parse(time.dateTime));
    const text = seconds < 2 ? "just now" : inWords(seconds);
    time.title ||= time.dateTime.replace("T", " ").replace("Z", " UTC");
    if (time.textContent !== text) time.textContent = text;
  }
}
