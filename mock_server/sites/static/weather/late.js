// What arrives after the page: today's figures, and the stations, which fail at the first try.
const now = document.getElementById("now");
const stations = document.getElementById("stations");

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

async function showNow() {
  const figures = await (await fetch(now.dataset.source)).json();
  const list = document.createElement("dl");
  for (const [name, text] of Object.entries(figures)) list.append(element("dt", name), element("dd", text));
  now.replaceChildren(list);
  now.removeAttribute("aria-busy");
}

async function showStations() {
  stations.replaceChildren(element("p", "Loading…"));
  const answer = await fetch(stations.dataset.source);
  if (!answer.ok) {
    const problem = element("p", "The stations could not be loaded.");
    problem.setAttribute("role", "alert");
    const button = element("button", "Try again");
    button.type = "button";
    button.addEventListener("click", showStations);
    stations.replaceChildren(problem, button);
    return;
  }
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const name of ["Station", "Height", "Since"]) head.append(element("th", name));
  const body = table.createTBody();
  for (const station of await answer.json()) {
    const row = body.insertRow();
    for (const text of [station.name, station.height, station.since]) row.append(element("td", text));
  }
  stations.replaceChildren(table);
}

if (now) showNow();
if (stations) showStations();
