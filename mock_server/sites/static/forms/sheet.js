// An editable grid: a double click, Enter or F2 opens a cell; Enter keeps, Escape drops the change.
const sheet = document.getElementById("sheet");
const saved = document.getElementById("saved");

function addUp() {
  const amounts = [...sheet.querySelectorAll("td[data-name=amount]")].map((cell) => Number(cell.textContent) || 0);
  document.getElementById("total").textContent = String(amounts.reduce((sum, amount) => sum + amount, 0));
}

function edit(cell) {
  if (cell.querySelector("input")) return;
  const before = cell.textContent;
  const input = document.createElement("input");
  input.value = before;
  input.setAttribute("aria-label", `${cell.dataset.name} of ${cell.parentElement.cells[0].textContent || "new line"}`);
  let open = true;
  const close = (text) => {
    if (!open) return;
    open = false;
    cell.textContent = text;
    saved.textContent = "";
    addUp();
  };
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") { close(input.value.trim()); cell.focus(); }
    if (event.key === "Escape") { close(before); cell.focus(); }
  });
  input.addEventListener("blur", () => close(input.value.trim()));
  cell.replaceChildren(input);
  input.select();
}

sheet.addEventListener("dblclick", (event) => {
  const cell = event.target.closest("td[data-name]");
  if (cell) edit(cell);
});
sheet.addEventListener("keydown", (event) => {
  if ((event.key === "Enter" || event.key === "F2") && event.target.matches("td[data-name]")) {
    event.preventDefault();
    edit(event.target);
  }
});

document.getElementById("add").addEventListener("click", () => {
  const row = sheet.tBodies[0].insertRow();
  for (const name of ["item", "owner", "amount"]) {
    const cell = row.insertCell();
    cell.dataset.name = name;
    cell.tabIndex = 0;
    cell.setAttribute("role", "gridcell");
    if (name === "amount") cell.className = "num";
  }
  edit(row.cells[0]);
});

document.getElementById("save").addEventListener("click", async () => {
  const rows = [...sheet.tBodies[0].rows].map((row) => ({
    item: row.cells[0].textContent,
    owner: row.cells[1].textContent,
    amount: /^\d+$/.test(row.cells[2].textContent) ? Number(row.cells[2].textContent) : null,
  }));
  const answer = await fetch(sheet.dataset.save, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(rows) });
  const told = await answer.json();
  saved.textContent = answer.ok ? `Budget saved. The total is $${told.total}.` : `Not saved: ${told.problem}`;
});
