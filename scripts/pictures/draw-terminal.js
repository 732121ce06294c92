import { join } from 'node:path';

const XTERM = join(import.meta.dirname, '../../docs/node_modules/@xterm/xterm');

const PAGE = `<style>
  body { margin: 0; display: inline-block; background: #1b1f24; }
  #terminal { padding: 12px 14px; }
  .xterm-viewport { overflow: hidden !important; }
</style><div id="terminal"></div>`;

/** Draws what a terminal received into a PNG file, with as many rows as it used. */
export async function drawTerminal(browser, received, { columns, path }) {
  const page = await browser.newPage({ deviceScaleFactor: 2 });
  await page.setContent(PAGE);
  await page.addStyleTag({ path: join(XTERM, 'css/xterm.css') });
  await page.addScriptTag({ path: join(XTERM, 'lib/xterm.js') });
  await page.evaluate(
    async ([text, cols]) => {
      const terminal = new globalThis.Terminal({
        cols,
        rows: 60,
        scrollback: 0,
        fontFamily: 'DejaVu Sans Mono, monospace',
        fontSize: 13,
        cursorInactiveStyle: 'none',
        theme: { background: '#1b1f24', foreground: '#e6e8eb' },
      });
      terminal.open(globalThis.document.querySelector('#terminal'));
      await new Promise((written) => terminal.write(text, written));
      terminal.resize(cols, terminal.buffer.active.cursorY + 1);
      // A resized terminal draws in the second next frame.
      await new Promise((drawn) => {
        globalThis.requestAnimationFrame(() => globalThis.requestAnimationFrame(drawn));
      });
    },
    [received.trimEnd(), columns],
  );
  await page.locator('body').screenshot({ path });
  await page.close();
}
