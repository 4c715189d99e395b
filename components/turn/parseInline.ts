/** A stretch of Markdown text. Only what stands here is ever drawn; everything else is plain text. */
export type Inline =
  | { mark: "text"; text: string }
  | { mark: "code"; text: string }
  | { mark: "strong" | "em" | "strike"; text: string }
  | { mark: "link"; text: string; href: string }

const PATTERN =
  /(`{1,3})([^`\n]{1,2000})\1|\*\*([^*\n]{1,2000})\*\*|__([^_\n]{1,2000})__|~~([^~\n]{1,2000})~~|\*([^*\s\n][^*\n]{0,2000})\*|!?\[([^\]\n]{0,500})\]\(([^()\s]{1,2000})(?:\s"[^"\n]{0,200}")?\)|(https?:\/\/[^\s<>"'`)\]]{1,2000})/g
const MAX_INLINES = 400

/** Reads one paragraph's marks, without nesting; past a cap the rest is plain text. Linear: every repeat is bounded. */
export function parseInline(source: string): Inline[] {
  const parts: Inline[] = []
  let at = 0
  PATTERN.lastIndex = 0
  for (const match of source.matchAll(PATTERN)) {
    if (parts.length >= MAX_INLINES) break
    if (match.index > at) parts.push({ mark: "text", text: source.slice(at, match.index) })
    parts.push(inlineOf(match))
    at = match.index + match[0].length
  }
  if (at < source.length) parts.push({ mark: "text", text: source.slice(at) })
  return parts
}

function inlineOf(match: RegExpMatchArray): Inline {
  const [whole, , code, strong, strong2, strike, em, label, target, bare] = match
  if (code !== undefined) return { mark: "code", text: code }
  if (strong !== undefined) return { mark: "strong", text: strong }
  if (strong2 !== undefined) return { mark: "strong", text: strong2 }
  if (strike !== undefined) return { mark: "strike", text: strike }
  if (em !== undefined) return { mark: "em", text: em }
  const href = safeHref(target ?? bare ?? "")
  if (href === undefined) return { mark: "text", text: whole }
  return { mark: "link", text: label === undefined || label === "" ? href : label, href }
}

/** An address that may be followed: http and https only. Undefined for any other. */
export function safeHref(href: string): string | undefined {
  if (!/^https?:\/\//i.test(href)) return undefined
  try {
    const { protocol } = new URL(href)
    return protocol === "http:" || protocol === "https:" ? href : undefined
  } catch {
    return undefined
  }
}
