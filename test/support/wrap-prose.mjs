/** Wraps the prose of a Markdown text, so that the pages which commands write have lines of at most 120 characters. */
const WIDTH = 120;
const ITEM = /^(\s*)([-*]|\d+\.)\s+/;
/** Lines that are not wrapped: tables, headings, comments, pictures and indented code. */
const FIXED = /^(\||#|<|!\[| {4})/;

/** Breaks words into lines. @param first prefix of the first line @param others prefix of the others */
function broken(words, first, others) {
  const lines = [];
  let line = first;
  for (const word of words) {
    const wider = line === first || line === others ? line + word : `${line} ${word}`;
    if (wider.length > WIDTH && line !== first && line !== others) {
      lines.push(line);
      line = others + word;
    } else line = wider;
  }
  return [...lines, line];
}

/**
 * Splits a text into words; a short piece of code between backticks is one word, because a line break in it is hard to
 * read.
 */
const wordsOf = (text) => text.match(/(?:`[^`]{1,60}`|[^\s`]|`)+/g) ?? [];

/** @returns the text with every paragraph and list item that has a longer line wrapped anew */
export function wrapProse(text) {
  const out = [];
  let block = [];
  let isCode = false;
  const flush = () => {
    if (block.some((line) => line.length > WIDTH)) {
      const [first] = block;
      const item = ITEM.exec(first)?.[0] ?? /^\s*/.exec(first)[0];
      const joined = [first.slice(item.length), ...block.slice(1)].join(' ');
      out.push(...broken(wordsOf(joined), item, ' '.repeat(item.length)));
    } else out.push(...block);
    block = [];
  };
  for (const line of text.split('\n')) {
    const isFence = line.trimStart().startsWith('```');
    if (isFence || isCode || !line.trim() || (FIXED.test(line) && !block.length)) {
      flush();
      out.push(line);
      if (isFence) isCode = !isCode;
    } else {
      if (ITEM.test(line)) flush();
      block.push(line);
    }
  }
  flush();
  return out.join('\n');
}
