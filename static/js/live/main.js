// @ts-check
// Live updates. A hidden window has none; when it is shown again it gets what it missed.

import { find } from "../page.js";
import * as alone from "./alone.js";
import * as shared from "./shared.js";

/** Browsers from before 2022 have no locks, and none has them for plain HTTP from another machine. */
let way = navigator.locks && "BroadcastChannel" in window ? shared : alone;
let isHere = false; // whether this window gets live updates

/** @param {boolean} isWanted */
function setLive(isWanted) {
  if (isWanted === isHere || !find("live")) return;
  isHere = isWanted;
  if (isWanted) way.join(goAlone);
  else way.leave();
}

/** For a window that cannot share, although the browser has what it takes. */
function goAlone() {
  if (way === alone || !isHere) return;
  setLive(false);
  way = alone;
  setLive(true);
}

function onVisibility() {
  setLive(!document.hidden);
}

document.addEventListener("DOMContentLoaded", onVisibility);
document.addEventListener("visibilitychange", onVisibility);
document.addEventListener("resume", onVisibility);
document.addEventListener("freeze", () => setLive(false));
addEventListener("pageshow", (event) => event.persisted && onVisibility());
addEventListener("pagehide", () => setLive(false));
for (const name of ["offline", "online"]) addEventListener(name, () => way.renew());
