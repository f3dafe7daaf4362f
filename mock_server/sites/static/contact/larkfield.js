// Cookie notice: shown until a choice is made. The choice is kept in a cookie of this site.
const notice = document.getElementById("cookies");
const home = document.querySelector(".logo").pathname;
if (!document.cookie.includes("larkfield_cookies=")) {
  notice.hidden = false;
}
for (const button of notice.querySelectorAll("button[data-cookies]")) {
  button.addEventListener("click", () => {
    document.cookie = `larkfield_cookies=${button.dataset.cookies}; path=${home}; samesite=lax`;
    notice.hidden = true;
  });
}

// Contact form: list every problem at once instead of the browser's one bubble.
const form = document.querySelector("form[data-validate]");
if (form) {
  form.noValidate = true;
  const summary = document.getElementById("problems");
  form.addEventListener("submit", (event) => {
    const list = summary.querySelector("ul");
    list.replaceChildren();
    for (const field of form.querySelectorAll("[data-message]")) {
      const wrong = !field.checkValidity();
      const text = wrong ? field.dataset.message : "";
      document.getElementById(`${field.id}-error`).textContent = text;
      field.removeAttribute("aria-invalid");
      if (wrong) {
        field.setAttribute("aria-invalid", "true");
        const link = document.createElement("a");
        link.href = `#${field.id}`;
        link.textContent = text;
        const item = document.createElement("li");
        item.append(link);
        list.append(item);
      }
    }
    summary.hidden = list.children.length === 0;
    if (!summary.hidden) {
      event.preventDefault();
      summary.focus();
    }
  });
}
