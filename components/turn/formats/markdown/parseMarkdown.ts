import MarkdownIt, { type Token } from "markdown-it"

/** A piece of Markdown: text, or a named element with children. */
export type MarkdownNode = string | { type: string; token: Token; children: MarkdownNode[] }

// No HTML. Nesting is limited, so that a line of ten thousand ">" becomes text rather than a deep tree.
const parser = new MarkdownIt({ html: false, linkify: true, breaks: true, maxNesting: 20 })
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false })

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
    } else if (token.nesting === -1) open.pop()
    else if (token.type === "inline") parent.push(...treeOf(token.children ?? []))
    else if (token.type === "text") parent.push(token.content)
    else parent.push({ type: token.type, token, children: [] })
  }
  return root
}
