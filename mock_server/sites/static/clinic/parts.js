// Components with an open shadow root; the calculator has another component inside.
class DoctorCard extends HTMLElement {
  connectedCallback() {
    const root = this.attachShadow({ mode: "open" });
    const card = document.createElement("article");
    const name = document.createElement("h2");
    name.textContent = this.getAttribute("name");
    const field = document.createElement("p");
    field.textContent = this.getAttribute("field");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Show phone number";
    button.setAttribute("aria-label", `Show phone number of ${this.getAttribute("name")}`);
    button.addEventListener("click", () => {
      const phone = document.createElement("p");
      phone.textContent = `Phone: ${this.getAttribute("phone")}`;
      button.replaceWith(phone);
    });
    card.append(name, field, button);
    root.append(card);
  }
}

class PriceTag extends HTMLElement {
  connectedCallback() {
    this.attachShadow({ mode: "open" });
    this.show("");
  }

  show(text) {
    const line = document.createElement("p");
    line.setAttribute("role", "status");
    line.textContent = text;
    this.shadowRoot.replaceChildren(line);
  }
}

class PriceCalculator extends HTMLElement {
  connectedCallback() {
    const root = this.attachShadow({ mode: "open" });
    const prices = JSON.parse(this.getAttribute("prices"));
    const form = document.createElement("form");
    const vaccineLabel = document.createElement("label");
    vaccineLabel.textContent = "Vaccine ";
    const vaccine = document.createElement("select");
    for (const name of Object.keys(prices)) vaccine.add(new Option(name));
    vaccineLabel.append(vaccine);
    const dosesLabel = document.createElement("label");
    dosesLabel.textContent = " Doses ";
    const doses = document.createElement("input");
    doses.type = "number";
    doses.min = "1";
    doses.max = "10";
    doses.value = "1";
    dosesLabel.append(doses);
    const button = document.createElement("button");
    button.textContent = "Calculate price";
    form.append(vaccineLabel, dosesLabel, " ", button);
    const tag = document.createElement("price-tag");
    root.append(form, tag);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      tag.show(`Total price: $${prices[vaccine.value] * Number(doses.value)}`);
    });
  }
}

customElements.define("doctor-card", DoctorCard);
customElements.define("price-tag", PriceTag);
customElements.define("price-calculator", PriceCalculator);
