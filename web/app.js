// What a browser adds to pages that work without it: copying, renewing what is under way,
// searching while one types, choosing many rows, and the time of day where one is.

const SEARCH_MS = 250; // a pause in typing

const all = (selector, root = document) => root.querySelectorAll(selector);
const main = () => document.getElementById("main");

// For screen readers: said once, politely.
const voice = document.createElement("div");
voice.className = "hearing";
voice.setAttribute("role", "status");
document.body.append(voice);

const say = (text) => {
  voice.textContent = "";
  setTimeout(() => (voice.textContent = text), 50); // the same words twice are said twice
};

// A page of ours as it is now; null where it cannot be had. Where the session has ended, one is led
// to the login, which is another page.
const load = async (url, signal) => {
  try {
    const answer = await fetch(url, { signal, headers: { accept: "text/html" } });
    if (!answer.ok || new URL(answer.url).pathname !== new URL(url, location).pathname) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null;
  }
};

// What a person has done to a part of the page, to be done again to the part that takes its place:
// where the focus is, what is open, what is ticked.
const name = (element) =>
  element.id ? `#${CSS.escape(element.id)}` : element.name
    ? `[name="${CSS.escape(element.name)}"]${element.value && element.type === "checkbox" ? `[value="${CSS.escape(element.value)}"]` : ""}`
    : element.getAttribute("href") ? `[href="${CSS.escape(element.getAttribute("href"))}"]` : null;

const swap = (old, fresh) => {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const found = focused && name(focused);
  const caret = focused && focused.selectionStart;
  const open = [...all("details", old)].map((d) => d.open);
  const ticked = new Set([...all("input[type=checkbox]:checked", old)].map(name));
  const place = document.adoptNode(fresh);
  old.replaceWith(place);
  [...all("details", place)].forEach((d, i) => (d.open = open[i] ?? d.open));
  for (const box of all("input[type=checkbox]", place)) box.checked ||= ticked.has(name(box));
  if (found) {
    const again = place.querySelector(found);
    again?.focus({ preventScroll: true });
    if (caret != null) again?.setSelectionRange?.(caret, caret);
  }
  prepare(place);
};

// ---- copying ----

const copy = async (button) => {
  const code = button.closest(".copy").querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    getSelection().selectAllChildren(code); // without TLS there is no clipboard: one more key
    return say("Selected: copy it with the keyboard");
  }
  const before = button.textContent;
  button.textContent = "Copied";
  say("Copied");
  setTimeout(() => (button.textContent = before), 2000);
};

// ---- what is under way ----

const written = new Set(); // fields that somebody has changed
const isBeingWritten = () => [...written].some((field) => main().contains(field));

const renew = (region) => {
  const seconds = Number(region.dataset.live);
  if (!(seconds > 0)) return;
  setTimeout(async () => {
    if (!region.isConnected) return;
    const page = document.hidden ? null : await load(location.href);
    if (!region.isConnected) return;
    const fresh = page?.getElementById(region.id);
    if (!page) return renew(region);
    if (fresh?.dataset.live) return swap(region, fresh);
    // It is done, and more may have changed; but what somebody writes is not taken away.
    if (!isBeingWritten()) swap(main(), page.getElementById("main"));
    say("Done");
  }, seconds * 1000);
};

// ---- searching while one types ----

let asking;

const search = async (form) => {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const url = new URL(form.action || location.href);
  url.search = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  const page = await load(url, signal);
  if (signal.aborted) return;
  if (!page) return form.submit();
  history.replaceState(null, "", url);
  document.title = page.title;
  swap(main(), page.getElementById("main"));
  say(main().querySelector("[data-say]")?.textContent ?? "");
};

// ---- many rows at once ----

const boxes = (table) => [...all("input[type=checkbox][name=domains]", table)];

const count = (table) => {
  const chosen = boxes(table).filter((box) => box.checked).length;
  const every = table.querySelector("[data-every]");
  every.checked = chosen > 0 && chosen === boxes(table).length;
  every.indeterminate = chosen > 0 && !every.checked;
  const form = table.closest("form") ?? document.getElementById(boxes(table)[0]?.getAttribute("form"));
  for (const place of all("[data-count]", form ?? main())) place.textContent = chosen ? `${chosen} chosen` : "";
};

const choose = (table) => {
  const head = table.querySelector("thead th");
  if (!head || boxes(table).length === 0) return;
  const every = document.createElement("input");
  every.type = "checkbox";
  every.dataset.every = "";
  every.setAttribute("aria-label", "Choose all on this page");
  every.addEventListener("change", () => boxes(table).forEach((box) => (box.checked = every.checked)));
  head.replaceChildren(every);
  table.addEventListener("change", () => count(table));
  count(table);
};

// ---- the time of day where one is ----

const here = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

const tell = (time) => {
  const moment = new Date(time.dateTime);
  if (!isNaN(moment) && !time.title.includes("here")) time.title += ` (${here.format(moment)} here)`;
};

// ---- narrow screens ----

// There a table is a list, in which each cell says what it is; what it says is the head of its
// column, unless the page has said it already.
const label = (table) => {
  const heads = [...all("thead th", table)].map((head) => head.textContent.trim());
  for (const row of all("tbody tr", table)) {
    if (row.cells.length !== heads.length) continue;
    [...row.cells].forEach((cell, i) => {
      if (cell.matches("td:not(.name)") && heads[i]) cell.dataset.label ??= heads[i];
    });
  }
};

// ---- all of it ----

const prepare = (root) => {
  for (const button of all("[data-copy]", root)) button.hidden = false;
  for (const time of all("time[datetime]", root)) tell(time);
  for (const table of all("table[data-select]", root)) choose(table);
  for (const table of all("table.grid", root)) label(table);
  if (root.dataset?.live) renew(root);
  for (const region of all("[data-live]", root)) renew(region);
};

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-copy]");
  if (button) copy(button);
});

let typing;

document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-auto]");
  if (!form) written.add(target);
  if (!form || target.type !== "search") return;
  clearTimeout(typing);
  typing = setTimeout(() => search(form), SEARCH_MS);
});

document.addEventListener("change", ({ target }) => {
  const form = target.closest("form[data-auto]");
  if (form && target.type !== "search") search(form);
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-auto]")) return;
  event.preventDefault();
  clearTimeout(typing);
  search(event.target);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  const field = document.querySelector("input[type=search]");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});

prepare(document);
