// One pass over what is rendered: a tree of plain values, bounded in nodes and text. Live elements
// are remembered by number in a map that only the holder of this object's handle can reach.

const KEPT_ATTRIBUTES = /^(id|class|name|type|href|src|alt|title|placeholder|role|for|itemprop|itemtype|rel|datetime|content|value|style|colspan|rowspan|scope|headers|autocomplete|pattern|min|max|step|maxlength|minlength|accept|lang|dir|tabindex|target|download|draggable|contenteditable|required|disabled|readonly|multiple|selected|checked|open|list|width|height|aria-[a-z]+|data-[a-z-]+)$/;
const SKIPPED = /^(script|style|noscript|template|head|meta|link|base|title|source|track|param|datalist|object|embed|colgroup|col|wbr)$/;
const HANDLERS = ["onclick", "onmousedown", "onmouseup", "onpointerdown", "ondblclick", "onkeydown"];

// Script frameworks keep handlers beside the element; the platform has no way to list listeners.
function hasScriptedClick(element) {
  const keys = Object.keys(element);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (key.startsWith("__reactProps$") || key.startsWith("__reactEventHandlers$")) return typeof (element[key] && element[key].onClick) === "function";
    if (key === "_vei") return Boolean(element[key] && element[key].onClick);
  }
  const jquery = window.jQuery;
  if (jquery && typeof jquery._data === "function") {
    try {
      const events = jquery._data(element, "events");
      return Boolean(events && (events.click || events.mousedown || events.mouseup));
    } catch { return false; }
  }
  return false;
}

function isControl(element, tag, role, pointer) {
  switch (tag) {
    case "input": return (attr(element, "type") || "").toLowerCase() !== "hidden";
    case "button": case "select": case "textarea": case "summary": return true;
    case "a": case "area": if (has(element, "href")) return true; break;
    case "video": case "audio": return has(element, "controls");
    case "html": case "body": return false;
    case "option": return false;
  }
  if (ACTING_ROLES.test(role) && has(element, "role")) return true;
  if (has(element, "contenteditable") && element.isContentEditable) return true;
  for (let i = 0; i < HANDLERS.length; i++) if (element[HANDLERS[i]]) return true;
  const tabindex = attr(element, "tabindex");
  if (tabindex !== null && Number(tabindex) >= 0 && !/^(iframe|main|section|article|form|h[1-6]|table|p)$/.test(tag)) return true;
  if (attr(element, "draggable") === "true" || has(element, "aria-expanded") || has(element, "aria-haspopup")) return true;
  return pointer || hasScriptedClick(element);
}

// Some values are only drawn: a rating by a class word or a width, a value in a content attribute.
function saysByClass(element) {
  return has(element, "content") || /star|rating|score/i.test(attr(element, "class") || "");
}

function look(previous, limits) {
  const memory = previous && previous.doc === document ? previous : { doc: document, ids: new WeakMap(), refs: new Map(), next: 1 };
  const view = { width: innerWidth, height: innerHeight };
  const page = { x: scrollX, y: scrollY };
  if (memory.refs.size > 3 * limits.nodes) {
    for (const [number, ref] of memory.refs) if (!ref.deref()) memory.refs.delete(number);
  }
  let nodes = 0;
  let letters = 0;
  let truncated = false;

  const serial = (element) => {
    let number = memory.ids.get(element);
    if (!number) {
      number = memory.next++;
      memory.ids.set(element, number);
      memory.refs.set(number, new WeakRef(element));
    }
    return number;
  };

  const attributesOf = (element) => {
    const out = {};
    const list = apply(get.attributes, element, []);
    for (let i = 0; i < list.length && i < 40; i++) {
      const name = list[i].name;
      let value = list[i].value;
      if (!KEPT_ATTRIBUTES.test(name)) continue;
      if (name === "style") {
        if (!/width\s*:\s*[\d.]+%|url\(/i.test(value)) continue;
      } else if (name === "value" && isSecret(element)) continue;
      else if ((name === "src" || name === "href") && value.startsWith("data:")) continue;
      out[name] = cut(value, name === "href" || name === "src" ? 2000 : 240);
    }
    return out;
  };

  const isCovered = (element, box) => {
    const x = box[0] + box[2] / 2;
    const y = box[1] + box[3] / 2;
    if (x < 0 || y < 0 || x >= view.width || y >= view.height) return false;
    const root = rootOf(element);
    const hit = hitAt(root, x, y);
    if (!hit || hit === element || holds(element, hit) || holds(hit, element)) return false;
    if (shadowOf(hit) || root.host === hit) return false;
    const label = element.labels && element.labels[0];
    return !(label && (label === hit || holds(label, hit)));
  };

  const walkChildren = (parent, element, out, context) => {
    const shadow = shadowOf(element);
    let list;
    let slotted = false;
    if (tagOf(element) === "slot" && element.assignedNodes) {
      const assigned = element.assignedNodes();
      slotted = assigned.length > 0;
      list = slotted ? assigned : childrenOf(element);
    } else list = childrenOf(shadow || element);
    const counts = Object.create(null);
    const kept = Object.create(null);
    for (let i = 0; i < list.length; i++) {
      const child = list[i];
      const type = typeOf(child);
      if (type === 3) {
        const text = fold(rawText(child));
        if (!text || (text === " " && (!out.length || out[out.length - 1] === " "))) continue;
        if (context.mute) continue;
        if (letters > limits.letters) { truncated = true; continue; }
        letters += text.length;
        out[out.length] = cut(text, limits.text);
      } else if (type === 1) {
        const tag = tagOf(child);
        counts[tag] = (counts[tag] || 0) + 1;
        if (SKIPPED.test(tag)) continue;
        kept[tag] = (kept[tag] || 0) + 1;
        if (nodes >= limits.nodes || kept[tag] > limits.siblings) { truncated = true; continue; }
        const node = walk(child, tag, context);
        if (!node) continue;
        if (counts[tag] > 1 || slotted) node.k = counts[tag];
        if (shadow) node.h = 1;
        if (slotted) node.l = 1;
        out[out.length] = node;
      }
    }
  };

  const walk = (element, tag, context) => {
    if (context.depth > limits.depth) { truncated = true; return null; }
    if (tag === "br") return { g: "br" };
    const type = tag === "input" ? (attr(element, "type") || "").toLowerCase() : "";
    if (type === "hidden") return null;
    const shown = isShown(element);
    const style = getComputedStyle(element);
    if (!shown && style.display !== "contents") {
      // visibility:hidden may be lifted further down; display:none may not
      if (style.display === "none" || style.visibility === "visible") return type === "file" ? hiddenField(element, tag) : null;
    }
    const box = boxOf(element);
    const empty = box[2] < 1 || box[3] < 1;
    const away = !empty && (box[0] + box[2] + page.x <= 0 || box[1] + box[3] + page.y <= 0);
    // what overflows the body is cut off by the window, not by the body: an application may be all of it
    const cuts = style.overflow !== "visible" && tag !== "body" && tag !== "html";
    const clipped = (empty && cuts) || away || style.opacity === "0";
    const tiny = !empty && box[2] <= 2 && box[3] <= 2 && style.position === "absolute";
    if (clipped && !(tag === "input" || tag === "select" || tag === "textarea")) return null;

    nodes++;
    const role = roleOf(element, tag);
    const pointer = style.cursor === "pointer" && !context.pointer;
    const node = { g: tag, n: serial(element), a: attributesOf(element) };
    if (!empty) node.r = [Math.round(box[0] * 10) / 10, Math.round(box[1] * 10) / 10, Math.round(box[2] * 10) / 10, Math.round(box[3] * 10) / 10];
    const display = style.display;
    if (!display.startsWith("inline") && display !== "contents") node.b = 1;
    if (style.position === "fixed") node.p = 1;
    if (tiny || context.quiet) node.q = 1;
    if (node.a.id && /^[A-Za-z][\w-]*$/.test(node.a.id) && every(context.root, "#" + node.a.id).length === 1) node.u = 1;
    if (Number(style.fontWeight) >= 600) node.w = 1;
    node.z = parseFloat(style.fontSize) || 0;

    const usable = isControl(element, tag, role, pointer) && (shown || type === "file");
    if (usable) {
      node.e = controlOf(element, tag, role, shown && !empty);
      if (node.e.form) node.e.form = serial(node.e.form);
      if (!empty && isCovered(element, box)) node.e.obscured = 1;
      if (element === focusedIn(context.root) && element !== the("body")) node.e.focused = 1;
    } else if (role !== (IMPLIED_ROLES[tag] || "generic") || attr(element, "aria-label") || has(element, "aria-labelledby")) {
      node.o = { role, name: cut(referenced(element, "aria-labelledby") || fold(attr(element, "aria-label") || "").trim(), 200) };
    }
    // a tick box that only shows as its label: the label is what a person clicks
    if (tag === "label" && element.control && !isShown(element.control)) {
      const control = element.control;
      const controlTag = tagOf(control);
      node.e = controlOf(control, controlTag, roleOf(control, controlTag), true);
      node.e.name = spoken(element, 200) || node.e.name;
      node.e.proxy = 1;
      if (node.e.form) node.e.form = serial(node.e.form);
    }

    if (tag === "iframe" || tag === "frame") {
      node.a.inset = (element.clientLeft + parseFloat(style.paddingLeft)) + " " + (element.clientTop + parseFloat(style.paddingTop));
      return node;
    }
    if (tag === "img") {
      const source = element.currentSrc || element.src || attr(element, "data-src") || "";
      if (source && !source.startsWith("data:")) node.a.src = cut(source, 2000);
      else delete node.a.src;
      return node;
    }
    if (tag === "select" || tag === "textarea" || tag === "input" || tag === "canvas" || tag === "video" || tag === "audio") return node;
    if (tag === "a" && element.href && element.href.baseVal === undefined) node.a.href = cut(String(element.href), 2000);

    const inner = {
      depth: context.depth + 1, root: shadowOf(element) || context.root, pointer: style.cursor === "pointer",
      quiet: context.quiet || tiny, mute: !shown, svg: context.svg || tag === "svg",
    };
    if (context.svg && !usable && tag !== "text" && tag !== "g" && tag !== "a" && tag !== "tspan" && !node.e) return null;
    const children = [];
    walkChildren(node, element, children, inner);
    if (children.length && children[children.length - 1] === " ") children.length--;
    if (children.length) node.c = children;
    if (tag === "svg" && !children.length) { const title = svgTitle(element); if (title) node.a.title = title; }
    // what is invisible itself and shows nothing is not there
    if (!shown && !children.length && !usable) return null;
    if (empty && !children.length && !usable && !saysByClass(element)) return null;
    return node;
  };

  const hiddenField = (element, tag) => {
    const labels = element.labels;
    if (labels && labels.length && isShown(labels[0])) { /* listed with its own number; the label leads to it */ }
    const node = { g: tag, n: serial(element), a: attributesOf(element), z: 0 };
    node.e = controlOf(element, tag, roleOf(element, tag), false);
    if (node.e.form) node.e.form = serial(node.e.form);
    return node;
  };

  const top = the("body") || the("documentElement");
  const out = {
    url: location.href, title: String(the("title") || ""), type: the("contentType") || "text/html",
    lang: (the("documentElement") && attr(the("documentElement"), "lang")) || "",
    view: [view.width, view.height], scroll: [page.x, page.y],
    height: the("documentElement") ? the("documentElement").scrollHeight : 0,
    origin: "body",
  };
  const plain = readPlain(out, limits);
  if (!plain && top && typeOf(top) === 1) {
    out.origin = tagOf(top);
    out.root = walk(top, tagOf(top), { depth: 0, root: document, pointer: false, quiet: false, mute: false, svg: false });
  }
  out.head = readHead(limits);
  out.truncated = truncated;
  return Object.assign(memory, { json: serialize(out), html: readSource(limits) });
}
