/** A block of Markdown. HTML is no block: it stays text. */
export type Block =
  | { block: "heading"; level: number; text: string }
  | { block: "paragraph" | "quote"; text: string }
  | { block: "code"; language: string; text: string }
  | { block: "list"; ordered: boolean; items: { depth: number; text: string }[] }
  | { block: "table"; head: string[]; rows: string[][] }
  | { block: "rule" }

const FENCE = /^ {0,3}(```+|~~~+)\s*([\w+#.-]{0,30})/
const HEADING = /^(#{1,6})\s+(\S.*)$/
const ITEM = /^(\s{0,20})(?:[-*+]|(\d{1,9})[.)])\s+(\S.*)$/
const RULE = /^ {0,3}(?:-{3,}|\*{3,}|_{3,})\s*$/
const TABLE_RULE = /^\s*\|?[\s:|-]{3,500}$/

/** Splits Markdown into blocks, line by line. Total and linear: what it does not know is a paragraph. */
export function parseMarkdown(source: string): Block[] {
  const lines = source.split("\n")
  const blocks: Block[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at] ?? ""
    if (line.trim() === "") at++
    else at = readBlock(lines, at, line, blocks)
  }
  return blocks
}

function readBlock(lines: string[], at: number, line: string, blocks: Block[]): number {
  const fence = FENCE.exec(line)
  if (fence !== null) return readCode(lines, at, fence[1] ?? "```", fence[2] ?? "", blocks)
  const heading = HEADING.exec(line)
  if (heading !== null) {
    blocks.push({ block: "heading", level: heading[1]?.length ?? 1, text: heading[2] ?? "" })
    return at + 1
  }
  if (RULE.test(line)) {
    blocks.push({ block: "rule" })
    return at + 1
  }
  if (ITEM.test(line)) return readList(lines, at, blocks)
  if (line.startsWith(">")) return readQuote(lines, at, blocks)
  if (startsTable(line, lines[at + 1])) return readTable(lines, at, blocks)
  return readParagraph(lines, at, blocks)
}

function startsTable(line: string, next: string | undefined): boolean {
  return line.includes("|") && next?.includes("-") === true && TABLE_RULE.test(next)
}

function readCode(lines: string[], at: number, fence: string, language: string, blocks: Block[]): number {
  let end = at + 1
  while (end < lines.length && !(lines[end] ?? "").trimStart().startsWith(fence)) end++
  blocks.push({ block: "code", language, text: lines.slice(at + 1, end).join("\n") })
  return end + 1
}

function readList(lines: string[], at: number, blocks: Block[]): number {
  const items: { depth: number; text: string }[] = []
  let ordered = false
  let end = at
  for (; end < lines.length; end++) {
    const line = lines[end] ?? ""
    const item = ITEM.exec(line)
    if (item !== null) {
      if (items.length === 0) ordered = item[2] !== undefined
      items.push({ depth: Math.min(6, Math.floor((item[1]?.length ?? 0) / 2)), text: item[3] ?? "" })
    } else if (/^\s{2,}\S/.test(line) && items.length > 0 && !FENCE.test(line)) {
      const last = items[items.length - 1]
      if (last !== undefined) last.text += ` ${line.trim()}`
    } else break
  }
  blocks.push({ block: "list", ordered, items })
  return end
}

function readQuote(lines: string[], at: number, blocks: Block[]): number {
  let end = at
  while (end < lines.length && (lines[end] ?? "").startsWith(">")) end++
  const text = lines.slice(at, end).map((line) => line.replace(/^> ?/, ""))
  blocks.push({ block: "quote", text: text.join("\n") })
  return end
}

function readTable(lines: string[], at: number, blocks: Block[]): number {
  let end = at + 2
  while (end < lines.length && (lines[end] ?? "").includes("|")) end++
  const rows = lines.slice(at + 2, end).map(cellsOf)
  blocks.push({ block: "table", head: cellsOf(lines[at] ?? ""), rows })
  return end
}

function cellsOf(line: string): string[] {
  const inner = line.trim().replace(/^\|/, "").replace(/\|$/, "")
  return inner.split("|").map((cell) => cell.trim())
}

function readParagraph(lines: string[], at: number, blocks: Block[]): number {
  let end = at + 1
  while (end < lines.length && continuesParagraph(lines[end] ?? "")) end++
  blocks.push({ block: "paragraph", text: lines.slice(at, end).join("\n") })
  return end
}

function continuesParagraph(line: string): boolean {
  if (line.trim() === "" || line.startsWith(">")) return false
  return !FENCE.test(line) && !HEADING.test(line) && !ITEM.test(line) && !RULE.test(line)
}
