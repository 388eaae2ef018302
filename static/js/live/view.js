// @ts-check
// What this window shows, and up to which position.

import { find } from "../page.js";
import { areWhole } from "./events.js";
import { ask } from "./stream.js";

/** @typedef {import("./events.js").LiveEvent} LiveEvent */
/** @typedef {import("./stream.js").News} News */

const MOST = 64; // how many news wait while earlier ones are shown
const PATIENCE = 8000; // ms for an answer with what was missed
const SPACING = 500; // ms between two questions for it

const live = /** @type {HTMLElement} */ (find("live"));
/** The topics that this page shows. */
export const topics = live?.dataset.topics?.split(",") ?? [];

let seen = Number(live?.dataset.after); // everything up to this position is shown; 0 if nothing is
let isHere = false; // whether this window gets live updates
let isJoined = false; // whether the news continue what is shown
let isOpen = false;
let wasOpen = false;
let waiting = 0;
let asked = 0; // when this window asked what it missed
/** @type {Promise<unknown>} */
let last = Promise.resolve();

/** @returns {"open" | "connecting" | "reconnecting" | "offline" | "none"} */
export function state() {
  if (!live) return "none";
  if (isOpen) return "open";
  if (!navigator.onLine) return "offline";
  return wasOpen ? "reconnecting" : "connecting";
}

/** @param {boolean} open */
export function setOpen(open) {
  isOpen = isHere && open;
  wasOpen ||= isOpen;
  document.dispatchEvent(new Event("live:state"));
}

export function position() {
  return seen;
}

export function join() {
  isHere = true;
  document.dispatchEvent(new Event("live:state"));
}

export function leave() {
  isHere = isJoined = false;
  setOpen(false);
}

/** @param {string[]} served */
export function isServedBy(served) {
  return topics.every((topic) => served.includes(topic));
}

/**
 * Shows news after all earlier ones. If too many wait, new ones are left out: the window notices, and asks
 * for them.
 * @param {News} news
 * @param {boolean} isLive Whether more will follow.
 */
export async function receive(news, isLive) {
  if (waiting < MOST) await inTurn(() => take(news, isLive));
}

/**
 * Asks for what was missed since this window was last up to date, unless it waits for an answer, has just had
 * one, or is about to show news.
 */
export async function poll() {
  if (waiting === 0 && mayAsk()) await inTurn(async () => setOpen(await catchUp()));
}

/** @param {() => Promise<void>} work */
function inTurn(work) {
  waiting += 1;
  last = last
    .then(work)
    .catch(reportError)
    .finally(() => (waiting -= 1));
  return last;
}

/**
 * @param {News} news
 * @param {boolean} isLive
 */
async function take({ topics: served, from, to, events }, isLive) {
  if (!isHere) return;
  void show(events.filter((event) => event.name === "beat"));
  if (!isServedBy(served)) return;
  const isWhole = areWhole(events);
  const isContinued = isJoined ? from <= seen : from === seen;
  if (!isWhole && !isContinued && !(await catchUp())) return;
  if (!isWhole && from > seen) return; // the server that answered was behind; the next news ask again
  isJoined = true;
  if (isWhole || to > seen) {
    await show(events.filter((event) => event.name !== "beat"));
    seen = to;
  }
  if (isLive !== isOpen) setOpen(isLive);
}

function mayAsk() {
  return Date.now() - asked >= SPACING;
}

/** Whether an answer came. */
async function catchUp() {
  if (!mayAsk()) return false;
  asked = Date.now();
  try {
    for await (const { events, to } of await ask(topics, seen, AbortSignal.timeout(PATIENCE), true)) {
      await show(events);
      if (to !== null) seen = areWhole(events) ? to : Math.max(seen, to);
    }
    return true;
  } catch {
    return false;
  }
}

/** @param {LiveEvent[]} events */
async function show(events) {
  for (const { name, topic, data } of events) {
    if (topic && !topics.includes(topic)) continue;
    if (name !== "message") {
      live.dispatchEvent(new CustomEvent(name, { bubbles: true, detail: { data } }));
    } else {
      await htmx.swap({ text: data, swap: "none", sourceElement: live, target: live });
    }
  }
}
