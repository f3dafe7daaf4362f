// What the page says about itself, beside what it shows: meta tags, JSON-LD, microdata, its source,
// and documents that are not pages at all (JSON, XML, text).

function readHead(limits) {
  const out = { meta: [], jsonld: [], items: [] };
  const metas = every(document, "meta[content], link[rel=canonical]");
  for (let i = 0; i < metas.length && out.meta.length < 80; i++) {
    const meta = metas[i];
    const name = attr(meta, "property") || attr(meta, "name") || attr(meta, "itemprop") || (attr(meta, "rel") === "canonical" ? "canonical" : "");
    const value = attr(meta, "content") || attr(meta, "href") || "";
    if (name && value) out.meta[out.meta.length] = [cut(name, 80), cut(fold(value).trim(), 600)];
  }
  const scripts = every(document, 'script[type="application/ld+json"]');
  for (let i = 0; i < scripts.length && i < 20; i++) {
    const text = rawText(scripts[i]);
    if (text.length <= limits.letters) out.jsonld[out.jsonld.length] = text;
  }
  const scopes = every(document, "[itemscope]");
  for (let i = 0; i < scopes.length && out.items.length < 200; i++) {
    if (!has(scopes[i], "itemprop")) out.items[out.items.length] = readItem(scopes[i], 0);
  }
  return out;
}

function readItem(scope, depth) {
  const item = { "@type": (attr(scope, "itemtype") || "").split("/").pop() };
  const visit = (parent) => {
    const children = childrenOf(parent);
    for (let i = 0; i < children.length; i++) {
      const child = children[i];
      if (typeOf(child) !== 1) continue;
      const names = attr(child, "itemprop");
      const nested = has(child, "itemscope");
      if (names) {
        const value = nested && depth < 4 ? readItem(child, depth + 1) : itemValue(child);
        const keys = names.trim().split(/\s+/);
        for (let k = 0; k < keys.length; k++) {
          if (!Object.hasOwn(item, keys[k])) item[keys[k]] = value;
          else if (Array.isArray(item[keys[k]])) { if (item[keys[k]].length < 100) item[keys[k]][item[keys[k]].length] = value; }
          else item[keys[k]] = [item[keys[k]], value];
        }
      }
      if (!nested) visit(child);
    }
  };
  visit(scope);
  return item;
}

function itemValue(element) {
  const tag = tagOf(element);
  if (has(element, "content")) return cut(attr(element, "content"), 600);
  if (tag === "time" && has(element, "datetime")) return attr(element, "datetime");
  if (tag === "a" || tag === "link" || tag === "area") return String(element.href || "");
  if (tag === "img" || tag === "video" || tag === "audio" || tag === "source") return String(element.src || "");
  if (tag === "data" || tag === "meter") return attr(element, "value") || "";
  return cut(fold(rawText(element)).trim(), 2000);
}

function readSource(limits) {
  const root = the("documentElement");
  if (!root) return "";
  const type = the("doctype") ? "<!DOCTYPE " + the("doctype").name + ">\n" : "";
  const source = type + (root.outerHTML || "");
  return source.length > limits.source ? cut(source, limits.source) + "\n<!-- The source is longer; it is cut off here. -->" : source;
}

// Sets out.text (JSON, plain text) or out.xml (a small tree) and returns true if this is no HTML page.
function readPlain(out, limits) {
  const type = out.type;
  if (type === "text/html" || type === "application/xhtml+xml" || type === "image/svg+xml") return false;
  if (/[/+]xml$/.test(type)) {
    const viewer = byId(document, "webkit-xml-viewer-source-xml");
    const root = viewer ? viewer.firstElementChild : the("documentElement");
    let budget = limits.nodes;
    const visit = (element, depth) => {
      const node = { g: apply(get.localName, element, []) };
      const children = childrenOf(element);
      for (let i = 0; i < children.length && budget > 0 && depth < 40; i++) {
        const child = children[i];
        const kind = typeOf(child);
        if (kind === 1) { budget--; (node.c = node.c || [])[node.c.length] = visit(child, depth + 1); }
        else if ((kind === 3 || kind === 4) && rawText(child).trim()) node.t = cut((node.t || "") + fold(rawText(child)), limits.text).trim();
      }
      const list = apply(get.attributes, element, []);
      for (let i = 0; i < list.length && i < 20; i++) (node.a = node.a || {})[list[i].localName] = cut(list[i].value, 600);
      return node;
    };
    if (root) out.xml = visit(root, 0);
    return Boolean(root);
  }
  const body = the("body");
  const pre = body ? first(body, "pre") : null;
  const text = rawText(pre || body || the("documentElement"));
  if (/json$/.test(type)) { out.text = cut(text, limits.source); return true; }
  if (/^text\//.test(type)) { out.text = cut(text, limits.letters); return true; }
  return false;
}
