import type { ReactNode } from "react"
import { DiffText } from "@/components/turn/formats/diff/DiffText"
import { isDiff } from "@/components/turn/formats/diff/readDiff"
import { Marked } from "@/components/turn/text/Marked"
import type { MarkdownNode } from "./parseMarkdown"
import { safeHref } from "./safeHref"

/** Renders a Markdown tree with a fixed set of elements. Any other element is rendered as its text. */
export function MarkdownNodes({ nodes }: { nodes: readonly MarkdownNode[] }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: nodes are identified by their order; the text never changes
  return nodes.map((node, at) => <MarkdownPiece key={at} node={node} />)
}

function MarkdownPiece({ node }: { node: MarkdownNode }) {
  if (typeof node === "string") return <Marked text={node} />
  const { type, token } = node
  const inner = <MarkdownNodes nodes={node.children} />
  const draw = DRAWN[type]
  if (draw !== undefined) return draw(inner, token)
  return node.children.length > 0 ? inner : <Marked text={token.content} />
}

type Drawn = (inner: ReactNode, token: Exclude<MarkdownNode, string>["token"]) => ReactNode

/** Code is always left to right, even in a right-to-left message. */
const code: Drawn = (_, { content, info }) => {
  const text = content.replace(/\n$/, "")
  if (/^(?:diff|patch)\b/.test(info) && isDiff(text)) {
    return (
      <div className="rounded-small border border-line bg-surface p-2">
        <DiffText text={text} pointer={undefined} />
      </div>
    )
  }
  return (
    <pre
      dir="ltr"
      className="num overflow-x-auto rounded-small border border-line bg-surface p-2 whitespace-pre-wrap [unicode-bidi:isolate]"
    >
      <Marked text={text} />
    </pre>
  )
}

const DRAWN: Record<string, Drawn> = {
  paragraph: (inner) => (
    <p dir="auto" className="whitespace-pre-wrap [unicode-bidi:plaintext]">
      {inner}
    </p>
  ),
  heading: (inner, { tag }) => (
    <p dir="auto" className={tag <= "h2" ? "mt-1 text-title font-semibold" : "mt-1 font-semibold"}>
      {inner}
    </p>
  ),
  blockquote: (inner) => (
    <blockquote dir="auto" className="flex flex-col gap-2 border-s-2 border-line-strong ps-3 text-ink-2">
      {inner}
    </blockquote>
  ),
  bullet_list: (inner) => (
    <ul dir="auto" className="flex list-disc flex-col gap-1 ps-5">
      {inner}
    </ul>
  ),
  ordered_list: (inner, token) => (
    <ol
      dir="auto"
      className="flex list-decimal flex-col gap-1 ps-6"
      start={Number(token.attrGet("start") ?? 1)}
    >
      {inner}
    </ol>
  ),
  list_item: (inner) => <li dir="auto">{inner}</li>,
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
  th: (inner) => (
    <th dir="auto" className="border-b border-line py-1 pe-4 text-start align-top font-medium">
      {inner}
    </th>
  ),
  td: (inner) => (
    <td dir="auto" className="border-b border-line py-1 pe-4 align-top">
      {inner}
    </td>
  ),
  code_inline: (_, { content }) => (
    <code
      dir="ltr"
      className="num rounded-small bg-surface px-1 ring-1 ring-line ring-inset [unicode-bidi:isolate]"
    >
      <Marked text={content} />
    </code>
  ),
  strong: (inner) => <strong>{inner}</strong>,
  em: (inner) => <em>{inner}</em>,
  s: (inner) => <s>{inner}</s>,
  softbreak: () => "\n",
  hardbreak: () => "\n",
  link: (inner, token) => link(inner, String(token.attrGet("href") ?? "")),
  // Loading an external image would reveal who views the page, so the image becomes a link, or text without a safe URL.
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
