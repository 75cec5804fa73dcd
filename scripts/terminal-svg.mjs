/** Draws terminal text from stdin as docs/terminal.svg: `npm start 2>&1 | node scripts/terminal-svg.mjs > docs/terminal.svg`. */
import { readFileSync } from 'node:fs';

const WIDTH = 128;
const lines = readFileSync(0, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => (line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line));
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const [letter, row, margin] = [7.25, 19, 20];
const [width, height] = [WIDTH * letter + 2 * margin, lines.length * row + 2 * margin + 24];
const colour = (line) =>
  /^\$/.test(line)
    ? '#8fb4ff'
    : /^(Run|Completed)/.test(line)
      ? '#9fd8a4'
      : /^stage|^evaluating|^saving/.test(line)
        ? '#d5dae1'
        : '#98a1ad';

console.log(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>The bundled sample being trained in a terminal</title>
<rect width="${width}" height="${height}" rx="10" fill="#0f1216"/>
${['#e5646a', '#e0b050', '#6cbf73'].map((fill, index) => `<circle cx="${24 + index * 20}" cy="22" r="6" fill="${fill}"/>`).join('')}
<g font-family="JetBrains Mono, DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="12" xml:space="preserve">
${lines.map((line, index) => `<text x="${margin}" y="${margin + 40 + index * row}" fill="${colour(line)}">${escape(line)}</text>`).join('\n')}
</g>
</svg>`);
