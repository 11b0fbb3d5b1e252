// The browser's language, where it is none.

/**
 * Without a locale a browser may say that its language is "C". uPlot makes a number format of it as
 * it loads, which fails, and there would be no chart: such a browser speaks English here.
 * @param {{language: string}} browser
 */
export function mendLanguage(browser) {
  try {
    Intl.getCanonicalLocales(browser.language);
  } catch {
    Object.defineProperty(browser, "language", { value: "en", configurable: true });
  }
}
