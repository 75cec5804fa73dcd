/** Navigation in the window for the script of the pictures. */
export const goTo = async (page, hash) => {
  await page.evaluate((to) => (location.hash = to), hash);
  await page.locator('main h1, main header input').first().waitFor();
};
export const loaded = (page) =>
  page.waitForFunction(() => !document.querySelector('main [aria-busy="true"]:not(button)'), null, { timeout: 60_000 });
export const tab = (page, index) => page.getByRole('tab').nth(index).click();

/** Fills in how a refused table is read, and waits for the result. */
export async function readAs(page, { encoding, value }) {
  if (encoding) {
    await page.locator('.table-settings').getByRole('combobox').click();
    await page.getByRole('option', { name: encoding }).click();
  }
  if (value) await page.locator('.table-settings').getByRole('textbox').nth(3).fill(value);
  await page.locator('.table-settings button[type=submit]').click();
}

/** Opens the review of a source. @param answer answers the questions of the scan */
export async function reviewOf(page, source, answer = async () => undefined) {
  await goTo(page, `#/datasets?source=${encodeURIComponent(source)}`);
  await answer();
  await page.waitForURL(/#\/reviews\//, { timeout: 120_000 });
  await loaded(page);
  const { hash } = new URL(page.url());
  await goTo(page, '#/datasets');
  return hash;
}
