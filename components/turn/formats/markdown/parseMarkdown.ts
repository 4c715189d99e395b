import MarkdownIt, { type Token } from "markdown-it"
import { keepVerbatim } from "./verbatim"

/** A piece of Markdown: text, or a named element with children. */
export type MarkdownNode = string | { type: string; token: Token; children: MarkdownNode[] }

// No HTML. Nesting is limited, so that a line of ten thousand ">" becomes text rather than a deep tree.
const parser = new MarkdownIt({ html: false, linkify: true, breaks: true, maxNesting: 20 })
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false })
// Models end a paragraph with a rule rather than underline a heading. Definitions of links and footnotes would be hidden.
parser.disable(["lheading", "reference"])
keepVerbatim(parser)

/** Returns true for a bold word that is probably a name, such as Python's `__init__`. */
function isName(parent: MarkdownNode | undefined): boolean {
  if (typeof parent !== "object" || parent.type !== "strong" || parent.token.markup !== "__") return false
  const [name] = parent.children
  return parent.children.length === 1 && typeof name === "string" && /^[a-z][a-z\d_]*$/.test(name)
}

/** Returns true for emphasis that starts within a word, which is probably a product or a power: `2*3*4`, `a**b**c`. */
function isProduct(siblings: readonly MarkdownNode[], node: MarkdownNode | undefined): boolean {
  if (typeof node !== "object" || !/^(?:em|strong)$/.test(node.type) || !node.token.markup.startsWith("*"))
    return false
  const before = siblings.at(-2)
  return typeof before === "string" && /[\w)\]]$/.test(before) && /^[\w([]/.test(textOf(node))
}

function textOf(node: MarkdownNode | undefined): string {
  return typeof node === "object" ? node.children.map(textOf).join("") : (node ?? "")
}

/** Parses Markdown (CommonMark with tables, strikethrough and bare links) into a tree. HTML stays text. */
export function parseMarkdown(source: string): MarkdownNode[] {
  return treeOf(parser.parse(source, {}))
}

function treeOf(tokens: readonly Token[]): MarkdownNode[] {
  const root: MarkdownNode[] = []
  const open: MarkdownNode[][] = [root]
  for (const token of tokens) {
    const parent = open.at(-1) ?? root
    if (token.nesting === 1) {
      const node = { type: token.type.replace(/_open$/, ""), token, children: [] }
      parent.push(node)
      open.push(node.children)
    } else if (token.nesting === -1) {
      open.pop()
      const siblings = open.at(-1) ?? root
      const closed = siblings.at(-1)
      if (isName(closed)) siblings[siblings.length - 1] = `__${textOf(closed)}__`
      else if (isProduct(siblings, closed) && typeof closed === "object")
        siblings.splice(-1, 1, closed.token.markup, ...closed.children, closed.token.markup)
    }
    if (token.nesting !== 0) continue
    if (token.type === "inline") parent.push(...treeOf(token.children ?? []))
    else if (token.type === "text") parent.push(token.content)
    else parent.push({ type: token.type, token, children: [] })
  }
  return root
}
