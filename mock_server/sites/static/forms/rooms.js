// Custom controls of the booking form. Everything a person can do with the mouse works with the keyboard as well.
const form = document.getElementById("booking");
const byId = (id) => document.getElementById(id);
const choice = { room: "", day: "", minutes: 60, seats: 6, layout: "Circle", catering: false };

// A select made of a button and a list.
const room = byId("room");
const roomList = byId("room-list");
function showRooms(open) {
  roomList.hidden = !open;
  room.setAttribute("aria-expanded", String(open));
}
room.addEventListener("click", () => showRooms(roomList.hidden));
roomList.addEventListener("click", (event) => {
  const option = event.target.closest("[role=option]");
  if (!option) return;
  for (const other of roomList.children) other.setAttribute("aria-selected", String(other === option));
  choice.room = byId("room-value").textContent = option.textContent;
  showRooms(false);
  room.focus();
});

// Suggestions while typing; the last request wins.
const host = byId("host");
const hosts = byId("host-list");
let asked = 0;
host.addEventListener("input", async () => {
  const number = ++asked;
  const answer = await fetch(`${form.dataset.people}?q=${encodeURIComponent(host.value)}`);
  const names = await answer.json();
  if (number !== asked) return;
  hosts.replaceChildren(...names.map((name) => {
    const option = document.createElement("li");
    option.setAttribute("role", "option");
    option.textContent = name;
    return option;
  }));
  hosts.hidden = names.length === 0;
  host.setAttribute("aria-expanded", String(!hosts.hidden));
});
hosts.addEventListener("mousedown", (event) => event.preventDefault());
hosts.addEventListener("click", (event) => {
  const option = event.target.closest("[role=option]");
  if (!option) return;
  host.value = option.textContent;
  hosts.hidden = true;
  host.setAttribute("aria-expanded", "false");
});

// A calendar that opens in the month of the conference.
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
let month = 4;
function drawMonth() {
  byId("month").textContent = `${MONTHS[month]} 2027`;
  const count = new Date(Date.UTC(2027, month + 1, 0)).getUTCDate();
  byId("days").replaceChildren(...Array.from({ length: count }, (_, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = String(index + 1);
    button.setAttribute("aria-label", `${index + 1} ${MONTHS[month]} 2027`);
    button.addEventListener("click", () => {
      choice.day = `2027-${String(month + 1).padStart(2, "0")}-${String(index + 1).padStart(2, "0")}`;
      byId("day").value = choice.day;
      byId("calendar").hidden = true;
    });
    return button;
  }));
}
function openCalendar() {
  drawMonth();
  byId("calendar").hidden = false;
}
byId("pick").addEventListener("click", openCalendar);
byId("day").addEventListener("click", openCalendar);
byId("earlier").addEventListener("click", () => { month = Math.max(0, month - 1); drawMonth(); });
byId("later").addEventListener("click", () => { month = Math.min(11, month + 1); drawMonth(); });

// A slider that arrow keys and the mouse move, in quarters of an hour.
const slider = byId("length");
function setLength(minutes) {
  choice.minutes = Math.min(240, Math.max(15, Math.round(minutes / 15) * 15));
  slider.setAttribute("aria-valuenow", String(choice.minutes));
  byId("length-text").textContent = String(choice.minutes);
  slider.firstElementChild.style.left = `${((choice.minutes - 15) / 225) * 220}px`;
}
slider.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 15, ArrowUp: 15, ArrowLeft: -15, ArrowDown: -15 }[event.key];
  if (step) { event.preventDefault(); setLength(choice.minutes + step); }
  if (event.key === "Home") setLength(15);
  if (event.key === "End") setLength(240);
});
function follow(event) {
  const box = slider.getBoundingClientRect();
  setLength(15 + (225 * (event.clientX - box.left)) / box.width);
}
slider.addEventListener("pointerdown", (event) => { slider.setPointerCapture(event.pointerId); follow(event); });
slider.addEventListener("pointermove", (event) => { if (event.buttons) follow(event); });
setLength(60);

// Plus and minus, one of several, on and off.
function setSeats(seats) {
  choice.seats = Math.min(40, Math.max(1, seats));
  byId("seats").textContent = String(choice.seats);
}
byId("fewer").addEventListener("click", () => setSeats(choice.seats - 1));
byId("more").addEventListener("click", () => setSeats(choice.seats + 1));
const layouts = [...document.querySelectorAll("[role=radio]")];
for (const radio of layouts) {
  const choose = () => {
    for (const other of layouts) other.setAttribute("aria-checked", String(other === radio));
    choice.layout = radio.textContent;
  };
  radio.addEventListener("click", choose);
  radio.addEventListener("keydown", (event) => { if (event.key === " ") { event.preventDefault(); choose(); } });
}
const catering = byId("catering");
catering.addEventListener("click", () => {
  choice.catering = !choice.catering;
  catering.setAttribute("aria-checked", String(choice.catering));
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = JSON.stringify({ ...choice, host: host.value, agenda: byId("agenda").innerText });
  const answer = await fetch(form.dataset.book, { method: "POST", headers: { "content-type": "application/json" }, body });
  const told = await answer.json();
  const booked = byId("booked");
  booked.replaceChildren();
  const heading = document.createElement("h2");
  if (!answer.ok) {
    booked.setAttribute("role", "alert");
    heading.textContent = `Not booked: ${told.problem}`;
    booked.append(heading);
    return;
  }
  booked.setAttribute("role", "status");
  heading.textContent = "Your room is booked";
  const list = document.createElement("dl");
  list.className = "facts";
  const labels = { reference: "Booking number", room: "Booked room", host: "Booked by", day: "Booked day", minutes: "Booked minutes", seats: "Booked seats", layout: "Booked layout", catering: "With catering", agenda: "Booked agenda" };
  for (const [name, label] of Object.entries(labels)) {
    const pair = document.createElement("div");
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = label;
    text.textContent = told[name] === true ? "Yes" : told[name] === false ? "No" : String(told[name] || "-");
    pair.append(term, text);
    list.append(pair);
  }
  booked.append(heading, list);
});
