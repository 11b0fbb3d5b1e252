// Shapes of a drawing.
const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag @param {{[name: string]: string|number}} attributes
 * @param {(Element|string)[]} children
 */
export function svgShape(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}
