/** A fenced code block: offsets of its content, `[from, to)`, and of the text after its closing line. */
export type Fence = {
  readonly open: string
  readonly from: number
  readonly to: number
  readonly end: number
}

const FENCE_LINE = /^[ \t>]*(`{3,}|~{3,})(.*)$/gm

/** Returns the fenced code blocks of a Markdown text, in order. The last one may not be closed. Takes linear time. */
export function findFences(text: string): Fence[] {
  const fences: Fence[] = []
  let open: { mark: string; info: string; from: number } | undefined
  for (const match of text.matchAll(FENCE_LINE)) {
    const [line, mark = "", info = ""] = match
    const end = Math.min(text.length, match.index + line.length + 1)
    if (open === undefined) {
      // Three backticks may also start an inline code span.
      if (mark.startsWith("~") || !info.includes("`")) open = { mark, info, from: end }
      continue
    }
    const closes = mark[0] === open.mark[0] && mark.length >= open.mark.length && info.trim() === ""
    if (!closes) continue
    fences.push({ open: open.mark + open.info, from: open.from, to: match.index, end })
    open = undefined
  }
  if (open !== undefined)
    fences.push({ open: open.mark + open.info, from: open.from, to: text.length, end: text.length })
  return fences
}

/**
 * Makes a piece of a Markdown text renderable on its own: a piece that starts within a code block gets an opening
 * fence.
 */
export function fencedPiece(piece: string, from: number, fences: readonly Fence[]): string {
  const fence = fences.find((one) => one.from <= from && from < one.end)
  if (fence === undefined) return piece
  const mark = /^(?:`+|~+)/.exec(fence.open)?.[0] ?? "```"
  const code = piece.slice(0, Math.max(0, fence.to - from))
  const rest = piece.slice(Math.max(0, fence.end - from))
  const ended = code === "" || code.endsWith("\n") ? code : `${code}\n`
  return `${fence.open}\n${ended}${mark}\n${rest}`
}

/**
 * Makes the tail of a Markdown text renderable: a tail that seems to start within a code block gets an opening fence.
 */
export function fencedTail(tail: string): string {
  const [first] = tail.matchAll(FENCE_LINE)
  if (first === undefined || (first[2] ?? "").trim() !== "") return tail
  const count = [...tail.matchAll(FENCE_LINE)].length
  return count % 2 === 1 ? `${first[1]}\n${tail}` : tail
}
