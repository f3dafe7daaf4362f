// What an element is called and what it is for: role, accessible name, the texts that label it,
// and its state. Every route a person reads a label by is tried; all that were found are kept.

const IMPLIED_ROLES = {
  a: "link", area: "link", article: "article", aside: "complementary", button: "button", dd: "definition",
  details: "group", dialog: "dialog", dt: "term", fieldset: "group", figure: "figure", footer: "contentinfo",
  form: "form", h1: "heading", h2: "heading", h3: "heading", h4: "heading", h5: "heading", h6: "heading",
  header: "banner", hr: "separator", iframe: "document", img: "img", li: "listitem", main: "main", menu: "list",
  meter: "meter", nav: "navigation", ol: "list", optgroup: "group", option: "option", output: "status",
  p: "paragraph", progress: "progressbar", section: "region", select: "combobox", summary: "button", table: "table",
  tbody: "rowgroup", td: "cell", textarea: "textbox", tfoot: "rowgroup", th: "columnheader", thead: "rowgroup",
  tr: "row", ul: "list", svg: "img", video: "video", audio: "audio", label: "label",
};
const INPUT_ROLES = {
  button: "button", checkbox: "checkbox", image: "button", number: "spinbutton", radio: "radio", range: "slider",
  reset: "button", search: "searchbox", submit: "button", file: "file", color: "color", date: "date",
  "datetime-local": "date", month: "date", time: "time", week: "date",
};
const ACTING_ROLES = /^(button|link|checkbox|radio|switch|tab|menuitem|menuitemcheckbox|menuitemradio|option|combobox|listbox|textbox|searchbox|slider|spinbutton|treeitem|gridcell)$/;
const NAMED_BY_CONTENT = /^(button|link|checkbox|radio|switch|tab|menuitem|menuitemcheckbox|menuitemradio|option|treeitem|gridcell|cell|columnheader|rowheader|heading|tooltip|label|generic)$/;
const SECRET = /^(current-password|new-password|one-time-code|cc-csc|cc-number)$/;

function roleOf(element, tag) {
  const explicit = (attr(element, "role") || "").trim().split(/\s+/)[0].toLowerCase();
  if (explicit && explicit !== "presentation" && explicit !== "none") return explicit;
  if (tag === "input") return INPUT_ROLES[(attr(element, "type") || "text").toLowerCase()] || (has(element, "list") ? "combobox" : "textbox");
  if (tag === "a" && !has(element, "href")) return "generic";
  if (tag === "select" && (has(element, "multiple") || Number(attr(element, "size")) > 1)) return "listbox";
  if (element.isContentEditable && has(element, "contenteditable")) return "textbox";
  return IMPLIED_ROLES[tag] || "generic";
}

// Visible text of an element the way it is read aloud: images by their alternative text.
function spoken(element, budget) {
  let out = "";
  const visit = (node, depth) => {
    if (out.length > budget || depth > 12) return;
    const type = typeOf(node);
    if (type === 3) { out += rawText(node); return; }
    if (type !== 1) return;
    const tag = tagOf(node);
    if (tag === "script" || tag === "style" || tag === "noscript" || tag === "select" || tag === "textarea") return;
    if (depth && attr(node, "aria-hidden") === "true") return;
    const label = depth ? attr(node, "aria-label") : null;
    if (label) { out += " " + label + " "; return; }
    if (tag === "img") { out += " " + (attr(node, "alt") || attr(node, "title") || "") + " "; return; }
    if (tag === "svg") { out += " " + svgTitle(node) + " "; return; }
    if (depth && !isShown(node)) return;
    const children = childrenOf(shadowOf(node) || node);
    const block = depth && /^(div|p|li|tr|td|th|br|h[1-6]|section|article)$/.test(tag);
    if (block) out += " ";
    for (let i = 0; i < children.length; i++) visit(children[i], depth + 1);
    if (block) out += " ";
  };
  visit(element, 0);
  return cut(fold(out).trim(), budget);
}

function svgTitle(svg) {
  const children = childrenOf(svg);
  for (let i = 0; i < children.length; i++) {
    if (typeOf(children[i]) === 1 && tagOf(children[i]) === "title") return fold(rawText(children[i])).trim();
  }
  return attr(svg, "aria-label") || "";
}

function referenced(element, attribute) {
  const ids = (attr(element, attribute) || "").trim();
  if (!ids) return "";
  const root = rootOf(element);
  const parts = ids.split(/\s+/);
  let out = "";
  for (let i = 0; i < parts.length && i < 8; i++) {
    const target = byId(root, parts[i]);
    if (target) out += " " + fold(rawText(target)).trim();
  }
  return cut(out.trim(), 200);
}

// A control, or what labels or holds another control, says nothing about this one.
function belongsElsewhere(sibling, element) {
  const tag = tagOf(sibling);
  if (/^(input|select|textarea|button|a|form)$/.test(tag) || has(sibling, "tabindex")) return true;
  if (ACTING_ROLES.test(attr(sibling, "role") || "")) return true;
  if (tag === "label" && sibling.control && sibling.control !== element) return true;
  return Boolean(first(sibling, "input,select,textarea,button,[tabindex]"));
}

// The nearest text before (or, for tick boxes, after) the element, not crossing its row or group.
function nearby(element, after) {
  let node = element;
  for (let hops = 0; hops < 4; hops++) {
    let sibling = after ? node.nextSibling : node.previousSibling;
    for (let steps = 0; sibling && steps < 4; steps++) {
      const type = typeOf(sibling);
      let text = "";
      if (type === 3) text = fold(rawText(sibling)).trim();
      else if (type === 1 && /^(script|style|template|br|hr)$/.test(tagOf(sibling))) text = "";
      else if (type === 1 && !belongsElsewhere(sibling, element)) {
        text = isShown(sibling) ? spoken(sibling, 121) : "";
      } else if (type === 1) break;
      if (text && /[\p{L}\p{N}]/u.test(text)) return text.length <= 120 ? text : "";
      sibling = after ? sibling.nextSibling : sibling.previousSibling;
    }
    node = parentOf(node);
    if (!node || typeOf(node) !== 1 || /^(tr|form|fieldset|table|body|section|article|main|ul|ol)$/.test(tagOf(node))) return "";
  }
  return "";
}

function columnHeader(element) {
  const cell = closest(element, "td,th,[role=gridcell],[role=cell]");
  const row = cell && closest(cell, "tr");
  const table = row && closest(row, "table");
  if (!table) return ["", ""];
  const head = first(table, "thead tr, tr");
  const column = head && head !== row && head.cells ? head.cells[cell.cellIndex] : null;
  const leading = row.cells && row.cells[0] !== cell ? row.cells[0] : null;
  return [column ? cut(fold(rawText(column)).trim(), 80) : "", leading ? cut(fold(rawText(leading)).trim(), 80) : ""];
}

function labelsOf(element, tag, role) {
  const out = [];
  const add = (text) => {
    const clean = cut(fold(text || "").trim(), 160);
    if (!clean) return;
    for (let i = 0; i < out.length; i++) if (out[i] === clean) return;
    out[out.length] = clean;
  };
  const field = /^(input|select|textarea|meter|progress|output)$/.test(tag) || /^(textbox|combobox|listbox|slider|spinbutton|searchbox|switch|checkbox|radio)$/.test(role);
  add(referenced(element, "aria-labelledby"));
  add(attr(element, "aria-label"));
  const labels = element.labels;
  if (labels && typeof labels.length === "number") for (let i = 0; i < labels.length && i < 4; i++) add(spoken(labels[i], 160));
  if (!field) return out;
  const ticks = role === "checkbox" || role === "radio" || role === "switch";
  const beside = nearby(element, ticks) || (ticks ? nearby(element, false) : "");
  if (!out.length) add(beside);
  add(attr(element, "placeholder"));
  add(attr(element, "title"));
  const [column, row] = columnHeader(element);
  add(column);
  add(row);
  add(beside);
  const group = closest(element, "fieldset,[role=group],[role=radiogroup]");
  if (group) {
    const legend = first(group, "legend");
    add(legend ? rawText(legend) : referenced(group, "aria-labelledby") || attr(group, "aria-label"));
  }
  add(referenced(element, "aria-describedby"));
  return out;
}

function nameOf(element, tag, role, labels) {
  const direct = referenced(element, "aria-labelledby") || fold(attr(element, "aria-label") || "").trim();
  if (direct) return cut(direct, 200);
  if (tag === "input") {
    const type = (attr(element, "type") || "text").toLowerCase();
    if (type === "submit" || type === "button" || type === "reset") return fold(element.value || attr(element, "title") || (type === "submit" ? "Submit" : type === "reset" ? "Reset" : "")).trim();
    if (type === "image") return fold(attr(element, "alt") || attr(element, "title") || element.value || "Submit").trim();
  }
  if (tag === "input" || tag === "select" || tag === "textarea") return labels[0] || "";
  if (tag === "img" || tag === "area") return fold(attr(element, "alt") || attr(element, "title") || "").trim();
  if (tag === "svg") return svgTitle(element);
  const content = NAMED_BY_CONTENT.test(role) || tag === "summary" || tag === "label" ? spoken(element, 200) : "";
  return content || labels[0] || fold(attr(element, "title") || attr(element, "alt") || attr(element, "placeholder") || "").trim();
}

function optionsOf(element, limit) {
  const out = [];
  const options = element.options;
  for (let i = 0; options && i < options.length && i < limit; i++) {
    const option = options[i];
    out[i] = [cut(fold(option.label || option.text || "").trim(), 200), cut(option.value || "", 200), option.selected ? 1 : 0, option.disabled ? 1 : 0];
  }
  return out;
}

function triState(element, name) {
  const value = attr(element, name);
  return value === "true" ? 1 : value === "false" ? 0 : undefined;
}

function isSecret(element) {
  return (attr(element, "type") || "").toLowerCase() === "password" || SECRET.test(attr(element, "autocomplete") || "");
}

function valueOf(element, tag) {
  if (tag === "select") {
    const chosen = element.selectedOptions && element.selectedOptions[0];
    return chosen ? cut(fold(chosen.label || chosen.text || "").trim(), 200) : "";
  }
  if (tag === "input" || tag === "textarea") {
    const value = String(element.value ?? "");
    return isSecret(element) ? "*".repeat(Math.min(value.length, 40)) : cut(value, 2000);
  }
  if (element.isContentEditable) return cut(fold(rawText(element)).trim(), 500);
  return attr(element, "aria-valuetext") || attr(element, "aria-valuenow") || "";
}

// Everything about a thing that can be acted on; absent keys are false or empty.
function controlOf(element, tag, role, shown) {
  const labels = labelsOf(element, tag, role);
  const type = tag === "input" ? (attr(element, "type") || "text").toLowerCase() : "";
  const out = { role, name: nameOf(element, tag, role, labels) };
  if (labels.length) out.labels = labels;
  const value = valueOf(element, tag);
  if (value) out.value = value;
  if (type) out.type = type;
  if (tag === "a" || tag === "area") {
    const href = String(element.href && element.href.baseVal !== undefined ? element.href.baseVal : element.href || "");
    if (href) out.href = href;
  }
  if (tag === "select") out.options = optionsOf(element, 400);
  else if (tag === "input" && element.list) out.options = optionsOf(element.list, 400);
  if (type === "checkbox" || type === "radio") out.checked = element.checked ? 1 : 0;
  else out.checked = triState(element, "aria-checked") ?? triState(element, "aria-pressed");
  out.selected = triState(element, "aria-selected");
  if (tag === "summary") out.expanded = element.parentElement && element.parentElement.open ? 1 : 0;
  else out.expanded = triState(element, "aria-expanded");
  if (matches(element, ":disabled") || attr(element, "aria-disabled") === "true") out.disabled = 1;
  if (element.required || attr(element, "aria-required") === "true") out.required = 1;
  if (element.readOnly || attr(element, "aria-readonly") === "true") out.readonly = 1;
  if (element.multiple === true) out.multiple = 1;
  if (attr(element, "aria-invalid") === "true" || (element.willValidate && matches(element, ":user-invalid"))) out.invalid = 1;
  if (element.form && typeOf(element.form) === 1) out.form = element.form;
  if (!shown) out.hidden = 1;
  return out;
}
