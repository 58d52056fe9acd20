import { PROTOCOL } from "./protocol-page.js";

export { PROTOCOL };

/** The content of the page's one fenced block in `language`. */
export function block(language: string): string {
  const blocks = PROTOCOL.split(`\n\`\`\`${language}\n`);
  const [, content] = blocks;
  if (content === undefined || blocks.length !== 2)
    throw new Error(`docs/protocol.md: ${blocks.length - 1} blocks of ${language}`);
  return content.slice(0, content.indexOf("\n```"));
}

/** Rows of the page's table that starts with `header`: their cells, without back-quotes. */
export function table(header: string): string[][] {
  const start = PROTOCOL.indexOf(`\n${header}\n`);
  if (start < 0) throw new Error(`docs/protocol.md: no table "${header}"`);
  const lines = PROTOCOL.slice(start + 1).split("\n");
  const end = lines.findIndex((line) => !line.startsWith("|"));
  return lines.slice(2, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.replaceAll("`", "").trim()),
  );
}
