// The stock table: sorted, narrowed and turned here; the rows come from the server once.
const PER_PAGE = 15;
const table = document.getElementById("stock");
const state = { sort: "", down: false, page: 1 };
let items = [];

function shown() {
  const words = document.getElementById("filter").value.trim().toLowerCase();
  const bay = document.getElementById("bay").value;
  const low = document.getElementById("low").checked;
  const found = items.filter((item) => (!words || `${item.sku} ${item.name}`.toLowerCase().includes(words))
    && (!bay || item.bay === bay) && (!low || item.quantity < 10));
  if (state.sort) {
    found.sort((one, other) => (one[state.sort] < other[state.sort] ? -1 : one[state.sort] > other[state.sort] ? 1 : 0));
    if (state.down) found.reverse();
  }
  return found;
}

function draw() {
  const found = shown();
  const pages = Math.max(1, Math.ceil(found.length / PER_PAGE));
  state.page = Math.min(state.page, pages);
  const rows = found.slice((state.page - 1) * PER_PAGE, state.page * PER_PAGE).map((item) => {
    const row = document.createElement("tr");
    for (const name of ["sku", "name", "bay", "quantity", "price"]) {
      const cell = row.insertCell();
      cell.textContent = item[name];
      if (name === "quantity" || name === "price") cell.className = "num";
    }
    return row;
  });
  table.tBodies[0].replaceChildren(...rows);
  document.getElementById("count").textContent = `${found.length} items`;
  document.getElementById("page").textContent = `Page ${state.page} of ${pages}`;
  document.getElementById("previous").disabled = state.page === 1;
  document.getElementById("next").disabled = state.page === pages;
  for (const button of table.querySelectorAll("button[data-sort]")) {
    const head = button.parentElement;
    if (button.dataset.sort === state.sort) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
}

for (const button of table.querySelectorAll("button[data-sort]")) {
  button.addEventListener("click", () => {
    state.down = state.sort === button.dataset.sort && !state.down;
    state.sort = button.dataset.sort;
    state.page = 1;
    draw();
  });
}
for (const id of ["filter", "bay", "low"]) {
  document.getElementById(id).addEventListener("input", () => { state.page = 1; draw(); });
}
document.getElementById("previous").addEventListener("click", () => { state.page -= 1; draw(); });
document.getElementById("next").addEventListener("click", () => { state.page += 1; draw(); });
items = await (await fetch(table.dataset.source)).json();
draw();
