// What the pages do beyond showing: keep up with the server, copy, look into artifacts, leaf through screenshots.
// Everything can be reached without it. Html comes from this server only, which escapes all it did not write itself.
"use strict";

const QUICK = 1000;
const CALM = 5000;
const UNCHANGED_UNTIL_CALM = 30;

// -- times ---------------------------------------------------------------------------

const sameDay = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const otherDay = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

function localTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const time = new Date(element.dateTime);
    if (Number.isNaN(time.getTime()) || element.title) continue;
    const today = time.toDateString() === new Date().toDateString();
    element.title = element.textContent;
    element.textContent = (today ? sameDay : otherDay).format(time);
  }
}

function span(seconds) {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

function showElapsed(elapsed) {
  for (const cell of document.querySelectorAll("[data-elapsed-of]")) {
    const seconds = elapsed[cell.dataset.elapsedOf];
    if (seconds !== undefined) cell.textContent = span(seconds);
  }
}

// -- keeping up ------------------------------------------------------------------------

function replacePart(part, made) {
  const stood = new Map();
  for (const details of part.querySelectorAll("details[id]")) stood.set(details.id, details.open);
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  part.innerHTML = made.html;
  part.dataset.digest = made.digest;
  for (const [id, open] of stood) {
    const details = document.getElementById(id);
    if (details) details.open = open;
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  localTimes(part);
}

class Live {
  constructor(root) {
    this.root = root;
    this.unchanged = 0;
    this.lost = false;
    this.status = document.querySelector("[data-status]")?.dataset.status;
    this.next = this.next.bind(this);
    showElapsed(JSON.parse(root.dataset.elapsed));
    this.timer = setTimeout(this.next, QUICK);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.soon(0);
    });
  }

  soon(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.next, milliseconds);
  }

  async next() {
    if (document.hidden) return; // comes back with visibilitychange
    try {
      this.soon(await this.ask());
      this.tell(false);
    } catch {
      this.tell(true);
      this.soon(2 * QUICK);
    }
  }

  async ask() {
    const url = new URL(this.root.dataset.live, location.href);
    if (this.root.dataset.revision) url.searchParams.set("have", this.root.dataset.revision);
    const answer = await fetch(url, { cache: "no-store" });
    if (answer.status === 401 || answer.status === 404) {
      location.reload();
      return CALM;
    }
    if (!answer.ok) throw new Error(`${answer.status}`);
    const now = await answer.json();
    return this.show(now) || this.unchanged < UNCHANGED_UNTIL_CALM ? QUICK : CALM;
  }

  show(now) {
    let changed = false;
    for (const part of this.root.querySelectorAll("[data-part]")) {
      const made = now.parts[part.dataset.part];
      if (made && made.digest !== part.dataset.digest) {
        replacePart(part, made);
        changed = true;
      }
    }
    if (now.revision) this.root.dataset.revision = now.revision;
    showElapsed(now.elapsed);
    const going = Object.keys(now.elapsed).length > 0;
    this.unchanged = changed || going ? 0 : this.unchanged + 1;
    if (now.status && now.status !== this.status) {
      this.status = now.status;
      const announcer = document.getElementById("announcer");
      if (announcer) announcer.textContent = `The run is ${now.status.replaceAll("_", " ")}.`;
    }
    return changed;
  }

  tell(lost) {
    if (lost === this.lost) return;
    this.lost = lost;
    const place = document.getElementById("connection");
    place.textContent = lost ? "The server does not answer; trying again" : "";
    document.body.classList.toggle("lost", lost);
  }
}

// -- copying ---------------------------------------------------------------------------

async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Only https and this machine have the clipboard; elsewhere the old way still works.
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("copy");
}

async function onCopy(button) {
  const said = button.dataset.said ?? (button.dataset.said = button.textContent);
  try {
    await copy(document.querySelector(button.dataset.copy).textContent);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Could not copy";
  }
  setTimeout(() => {
    button.textContent = said;
  }, 1500);
}

// -- artifacts ----------------------------------------------------------------------------

async function onLook(details) {
  const place = details.querySelector(".look");
  if (!details.open || place.dataset.shown) return;
  place.dataset.shown = "yes";
  try {
    const answer = await fetch(details.dataset.look);
    if (!answer.ok) throw new Error(`${answer.status}`);
    place.innerHTML = await answer.text();
  } catch {
    delete place.dataset.shown;
    place.textContent = "It could not be read. Close and open it to try again.";
  }
}

// -- screenshots ------------------------------------------------------------------------------

class Lightbox {
  constructor() {
    this.dialog = document.createElement("dialog");
    this.dialog.className = "lightbox";
    this.picture = document.createElement("img");
    this.caption = document.createElement("p");
    const buttons = [
      ["‹", "Earlier picture", () => this.step(-1)],
      ["›", "Later picture", () => this.step(1)],
      ["×", "Close", () => this.dialog.close()],
    ].map(([sign, label, act]) => {
      const button = document.createElement("button");
      button.textContent = sign;
      button.setAttribute("aria-label", label);
      button.addEventListener("click", act);
      return button;
    });
    const bar = document.createElement("div");
    bar.className = "lightbox-bar";
    bar.append(this.caption, ...buttons);
    this.dialog.append(bar, this.picture);
    this.dialog.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft") this.step(-1);
      else if (event.key === "ArrowRight") this.step(1);
    });
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    document.body.append(this.dialog);
  }

  open(link) {
    const group = link.closest("section") ?? document;
    this.addresses = [...group.querySelectorAll("a[data-shot]")].map((shot) => [
      shot.href,
      shot.querySelector("img")?.alt ?? "",
    ]);
    this.at = Math.max(this.addresses.findIndex(([href]) => href === link.href), 0);
    this.step(0);
    this.dialog.showModal();
  }

  step(by) {
    this.at = Math.min(Math.max(this.at + by, 0), this.addresses.length - 1);
    const [href, text] = this.addresses[this.at];
    this.picture.src = href;
    this.picture.alt = text;
    this.caption.textContent = `${this.at + 1} / ${this.addresses.length}  ${text}`;
  }
}

// -- wiring --------------------------------------------------------------------------------------

let lightbox = null;

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) onCopy(button);
  const shot = event.target.closest("a[data-shot]");
  if (shot && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    lightbox ??= new Lightbox();
    lightbox.open(shot);
  }
});

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches?.("details[data-look]")) onLook(event.target);
  },
  true, // toggle does not bubble
);

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, select, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    const field = document.querySelector("[data-hotkey='/']");
    if (field) {
      event.preventDefault();
      field.focus();
    }
  }
});

for (const form of document.querySelectorAll("[data-filters]")) {
  form.addEventListener("change", (event) => {
    if (event.target.matches("select")) form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const asked = [...new FormData(form)].filter(([, value]) => value);
    const query = new URLSearchParams(asked).toString();
    location.assign(query ? `${form.action}?${query}` : form.action);
  });
}

localTimes(document);
for (const root of document.querySelectorAll("[data-live]")) new Live(root);
