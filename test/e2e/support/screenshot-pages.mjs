/** How the pictures' script gets about in the window. */
export const goTo = async (page, hash) => {
  await page.evaluate((to) => (location.hash = to), hash);
  await page.locator('main h1, main header input').first().waitFor();
};
export const loaded = (page) =>
  page.waitForFunction(() => !document.querySelector('main [aria-busy="true"]:not(button)'), null, { timeout: 60_000 });
export const tab = (page, index) => page.getByRole('tab').nth(index).click();

/** Says of a table that was refused how it is read, and waits for what comes of it. */
export async function readAs(page, { encoding, value }) {
  if (encoding) {
    await page.locator('.table-settings').getByRole('combobox').click();
    await page.getByRole('option', { name: encoding }).click();
  }
  if (value) await page.locator('.table-settings').getByRole('textbox').nth(3).fill(value);
  await page.locator('.table-settings button[type=submit]').click();
}

/** @param answer what the scan of it asks for */
export async function reviewOf(page, source, answer = async () => undefined) {
  await goTo(page, `#/datasets?source=${encodeURIComponent(source)}`);
  await answer();
  await page.waitForURL(/#\/reviews\//, { timeout: 120_000 });
  await loaded(page);
  const { hash } = new URL(page.url());
  await goTo(page, '#/datasets');
  return hash;
}
