// The few things every component does to the page. Each does nothing where nothing has changed.

/** An element with attributes, properties and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function setText(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

export function setVisible(element, visible) {
  if (element.hidden === visible) element.hidden = !visible;
}

/** ARIA tells "false" from nothing: a button that can open something from one that cannot. */
export function setAttribute(element, name, value) {
  if (value === null || (value === false && !name.startsWith("aria-"))) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/** The value of a control, unless the reader is in the middle of typing it. */
export function setValue(control, wanted) {
  if (control.type === "checkbox") control.checked = wanted;
  else if (control !== document.activeElement || control.tagName === "SELECT") {
    if (control.value !== String(wanted)) control.value = wanted;
    fit(control);
  }
}

/** For browsers without `field-sizing`: an input as wide as what is in it. */
export function fit(input) {
  if (input.tagName === "INPUT") input.size = Math.max(1, input.value.length);
}

const filled = new WeakMap(); // element -> the key of what is in it

/** Children made anew when `key` has changed since the last time, and else left alone. */
export function replaceIfChanged(element, key, children) {
  if (filled.get(element) === key) return;
  filled.set(element, key);
  element.replaceChildren(...children());
}

export const hiddenText = (words) => make("span", { class: "vh" }, words);
