// One page, several views: links change the address without loading, and the data arrives later.
const view = document.getElementById("view");
const base = view.dataset.base;
const toast = document.getElementById("toast");
let turn = 0;

function make(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

async function get(path) {
  return (await fetch(`${base}/api/${path}`)).json();
}

async function post(path, body) {
  const answer = await fetch(`${base}/api/${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return [answer.ok, await answer.json()];
}

function link(path, text) {
  return make("a", text, { href: base + path });
}

function row(parts, cell = "td") {
  const made = make("tr");
  for (const part of parts) {
    const box = make(cell, typeof part === "string" ? part : "");
    if (typeof part !== "string") box.append(part);
    made.append(box);
  }
  return made;
}

function grid(heads, rows) {
  const table = make("table");
  table.createTHead().append(row(heads, "th"));
  table.createTBody().append(...rows);
  return table;
}

async function overview() {
  const projects = await get("projects");
  const tasks = projects.flatMap((project) => project.tasks);
  const list = make("dl");
  const figures = { "Projects": projects.length, "Tasks": tasks.length, "Open tasks": tasks.filter((task) => !task.done).length };
  for (const [name, figure] of Object.entries(figures)) list.append(make("dt", name), make("dd", String(figure)));
  return ["Overview", list, make("p"), link("/projects", "See all projects")];
}

async function allProjects() {
  const projects = await get("projects");
  const rows = projects.map((project) => row([link(`/projects/${project.slug}`, project.name), project.lead, project.due, project.budget]));
  return ["Projects", grid(["Project", "Lead", "Due", "Budget"], rows)];
}

function taskList(project) {
  const list = make("ul", "", { class: "tasks" });
  for (const task of project.tasks) {
    const item = make("li");
    const label = make("label");
    const box = make("input", "", { type: "checkbox" });
    box.checked = task.done;
    box.addEventListener("change", async () => {
      const [, changed] = await post(`projects/${project.slug}/tasks/${task.number}`, { done: box.checked });
      project.tasks = changed.tasks;
      say(`${task.title} is ${box.checked ? "done" : "open again"}.`);
    });
    label.append(box, ` ${task.title}`);
    const remove = make("button", "Delete", { type: "button", "aria-label": `Delete ${task.title}` });
    remove.addEventListener("click", () => askToDelete(project, task));
    item.append(label, make("span", ` ${task.assignee}, ${task.priority.toLowerCase()} priority `, { class: "soft" }), remove);
    list.append(item);
  }
  return list;
}

function tabs(parts) {
  const bar = make("div", "", { role: "tablist" });
  const panel = make("div", "", { role: "tabpanel", id: "panel" });
  const names = Object.keys(parts);
  const show = (name) => {
    for (const tab of bar.children) tab.setAttribute("aria-selected", String(tab.textContent === name));
    panel.replaceChildren(...parts[name]());
  };
  for (const name of names) {
    const tab = make("button", name, { type: "button", role: "tab", "aria-controls": "panel" });
    tab.addEventListener("click", () => show(name));
    bar.append(tab);
  }
  show(names[0]);
  return [bar, panel];
}

async function oneProject(slug) {
  const project = await get(`projects/${slug}`);
  const add = make("button", "New task", { type: "button" });
  add.addEventListener("click", () => openDialog(project));
  const people = [...new Set(project.tasks.map((task) => task.assignee))].sort();
  const counts = people.map((name) => row([name, String(project.tasks.filter((task) => task.assignee === name).length)]));
  return [project.name, make("p", `Led by ${project.lead}, due on ${project.due}.`), ...tabs({
    Tasks: () => [taskList(project), add],
    Members: () => [grid(["Member", "Tasks"], counts)],
    Notes: () => [make("p", project.note), make("p", `Budget: ${project.budget}`)],
  })];
}

async function activity() {
  const list = make("ol", "", { class: "activity", reversed: "" });
  const more = make("p", "Scroll down for more", { class: "soft" });
  let loaded = 0;
  let total = 1;
  let busy = false;
  const load = async () => {
    if (busy || loaded >= total) return;
    busy = true;
    const told = await get(`activity?from=${loaded}`);
    total = told.total;
    loaded += told.entries.length;
    for (const entry of told.entries) list.append(make("li", `${entry.who} ${entry.what}`, { value: String(entry.number) }));
    more.textContent = loaded < total ? "Scroll down for more" : "That is all";
    busy = false;
  };
  await load();
  new IntersectionObserver((seen) => { if (seen[0].isIntersecting) load(); }).observe(more);
  return ["Activity", list, more];
}

async function help() {
  const questions = await get("questions");
  const parts = questions.flatMap(({ question, answer }, index) => {
    const heading = make("h2");
    const button = make("button", question, { type: "button", "aria-expanded": "false", "aria-controls": `answer-${index}` });
    const text = make("p", answer, { id: `answer-${index}`, hidden: "" });
    button.addEventListener("click", () => {
      text.hidden = !text.hidden;
      button.setAttribute("aria-expanded", String(!text.hidden));
    });
    heading.append(button);
    return [heading, text];
  });
  return ["Help", ...parts];
}

function say(text) {
  toast.textContent = text;
}

async function show() {
  const number = ++turn;
  const path = location.pathname.slice(base.length) || "/";
  view.replaceChildren(make("h1", "Tidework"), make("p", "Loading…", { role: "status" }));
  for (const anchor of document.querySelectorAll("nav a")) {
    if (anchor.pathname === location.pathname) anchor.setAttribute("aria-current", "page");
    else anchor.removeAttribute("aria-current");
  }
  const views = { "/": overview, "/projects": allProjects, "/activity": activity, "/help": help };
  const [title, ...parts] = await (views[path] ?? (() => oneProject(path.split("/")[2])))();
  if (number !== turn) return;
  document.title = `${title} | Tidework`;
  view.replaceChildren(make("h1", title), ...parts);
}

document.addEventListener("click", (event) => {
  const anchor = event.target.closest("a");
  if (!anchor || !anchor.pathname.startsWith(`${base}/`) || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  history.pushState(null, "", anchor.pathname);
  say("");
  show();
});
addEventListener("popstate", show);

// The dialogs.
const dialog = document.getElementById("new-task");
const sure = document.getElementById("sure");
let current = null;
let doomed = null;
function openDialog(project) {
  current = project;
  dialog.querySelector("form").reset();
  document.getElementById("task-problem").hidden = true;
  dialog.showModal();
}
function askToDelete(project, task) {
  current = project;
  doomed = task;
  document.getElementById("sure-text").textContent = task.title;
  sure.showModal();
}
document.getElementById("cancel").addEventListener("click", () => dialog.close());
document.getElementById("keep").addEventListener("click", () => sure.close());
document.getElementById("delete").addEventListener("click", async () => {
  await post(`projects/${current.slug}/tasks/${doomed.number}`, { delete: true });
  sure.close();
  await show();
  say(`${doomed.title} was deleted.`);
});
dialog.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const [ok, told] = await post(`projects/${current.slug}/tasks`, Object.fromEntries(form));
  const problem = document.getElementById("task-problem");
  problem.hidden = ok;
  problem.textContent = ok ? "" : told.problem;
  if (!ok) return;
  dialog.close();
  await show();
  say(`${form.get("title")} was added.`);
});
show();
