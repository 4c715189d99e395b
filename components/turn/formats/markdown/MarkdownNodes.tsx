import type { ReactNode } from "react"
import type { MarkdownNode } from "./parseMarkdown"
import { safeHref } from "./safeHref"

/** A tree of Markdown, drawn from a closed list of elements; what is not on it is drawn as its text. */
export function MarkdownNodes({ nodes }: { nodes: readonly MarkdownNode[] }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: a piece has no name but its place, and the text never changes
  return nodes.map((node, place) => <MarkdownPiece key={place} node={node} />)
}

function MarkdownPiece({ node }: { node: MarkdownNode }) {
  if (typeof node === "string") return node
  const { type, token } = node
  const inner = <MarkdownNodes nodes={node.children} />
  const draw = DRAWN[type]
  if (draw !== undefined) return draw(inner, token)
  return node.children.length > 0 ? inner : token.content
}

type Drawn = (inner: ReactNode, token: Exclude<MarkdownNode, string>["token"]) => ReactNode

const code: Drawn = (_, { content }) => (
  <pre className="num overflow-x-auto rounded-small border border-line bg-surface p-2 whitespace-pre-wrap">
    {content.replace(/\n$/, "")}
  </pre>
)

const DRAWN: Record<string, Drawn> = {
  paragraph: (inner) => <p className="whitespace-pre-wrap">{inner}</p>,
  heading: (inner, { tag }) => (
    <p className={tag <= "h2" ? "mt-1 text-title font-semibold" : "mt-1 font-semibold"}>{inner}</p>
  ),
  blockquote: (inner) => (
    <blockquote className="flex flex-col gap-2 border-l-2 border-line-strong pl-3 text-ink-2">
      {inner}
    </blockquote>
  ),
  bullet_list: (inner) => <ul className="flex list-disc flex-col gap-1 pl-5">{inner}</ul>,
  ordered_list: (inner, token) => (
    <ol className="flex list-decimal flex-col gap-1 pl-6" start={Number(token.attrGet("start") ?? 1)}>
      {inner}
    </ol>
  ),
  list_item: (inner) => <li>{inner}</li>,
  fence: code,
  code_block: code,
  hr: () => <hr className="border-line" />,
  table: (inner) => (
    <div className="overflow-x-auto">
      <table className="border-collapse text-left">{inner}</table>
    </div>
  ),
  thead: (inner) => <thead>{inner}</thead>,
  tbody: (inner) => <tbody>{inner}</tbody>,
  tr: (inner) => <tr>{inner}</tr>,
  th: (inner) => <th className="border-b border-line py-1 pr-4 align-top font-medium">{inner}</th>,
  td: (inner) => <td className="border-b border-line py-1 pr-4 align-top">{inner}</td>,
  code_inline: (_, { content }) => (
    <code className="num rounded-small bg-surface px-1 ring-1 ring-line ring-inset">{content}</code>
  ),
  strong: (inner) => <strong>{inner}</strong>,
  em: (inner) => <em>{inner}</em>,
  s: (inner) => <s>{inner}</s>,
  softbreak: () => "\n",
  hardbreak: () => "\n",
  link: (inner, token) => link(inner, String(token.attrGet("href") ?? "")),
  // A picture would be fetched from elsewhere, and so tell who reads: it is a link at most.
  image: (_, token) => link(token.content || token.attrGet("src"), String(token.attrGet("src") ?? "")),
}

function link(inner: ReactNode, address: string): ReactNode {
  const href = safeHref(address)
  if (href === undefined) return inner
  return (
    <a
      href={href}
      title={href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className="text-accent underline underline-offset-2"
    >
      {inner}
    </a>
  )
}
