"use client"

import { useMemo } from "react"
import { InlineText } from "./InlineText"
import { type Block, parseMarkdown } from "./parseMarkdown"
import { ShowMore } from "./ShowMore"
import { showControls } from "./showControls"
import { useCut } from "./useCut"

/** Markdown drawn from a closed list of blocks: no HTML, no picture from anywhere. */
export default function MarkdownText({ text }: { text: string }) {
  const { shown, left, more } = useCut(text)
  const blocks = useMemo(() => parseMarkdown(showControls(shown)), [shown])
  return (
    <div dir="auto" className="flex max-w-prose flex-col gap-2 wrap-anywhere">
      {blocks.map((block, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a block has no name but its place, and the text never changes
        <BlockView key={place} block={block} />
      ))}
      <ShowMore left={left} unit="characters" onMore={more} />
    </div>
  )
}

function BlockView({ block }: { block: Block }) {
  switch (block.block) {
    case "heading":
      return (
        <p className={block.level <= 2 ? "mt-1 text-title font-semibold" : "mt-1 font-semibold"}>
          <InlineText text={block.text} />
        </p>
      )
    case "paragraph":
      return (
        <p className="whitespace-pre-wrap">
          <InlineText text={block.text} />
        </p>
      )
    case "quote":
      return (
        <blockquote className="border-l-2 border-line-strong pl-3 whitespace-pre-wrap text-ink-2">
          <InlineText text={block.text} />
        </blockquote>
      )
    case "code":
      return (
        <pre className="num overflow-x-auto rounded-small border border-line bg-surface p-2 whitespace-pre-wrap">
          {block.text}
        </pre>
      )
    case "list":
      return <ListView ordered={block.ordered} items={block.items} />
    case "table":
      return <MarkdownTable head={block.head} rows={block.rows} />
    case "rule":
      return <hr className="border-line" />
  }
}

function ListView({ ordered, items }: { ordered: boolean; items: { depth: number; text: string }[] }) {
  return (
    <ul className="flex flex-col gap-1">
      {items.map((item, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an item has no name but its place, and the text never changes
        <li key={place} className="flex gap-2" style={{ paddingLeft: item.depth * 16 }}>
          <span aria-hidden="true" className="num w-4 shrink-0 pt-0.5 text-right text-ink-3">
            {ordered && item.depth === 0 ? `${place + 1}.` : "–"}
          </span>
          <span className="min-w-0">
            <InlineText text={item.text} />
          </span>
        </li>
      ))}
    </ul>
  )
}

function MarkdownTable({ head, rows }: { head: string[]; rows: string[][] }) {
  return (
    <div className="overflow-x-auto">
      <table className="border-collapse text-left">
        <tbody>
          {[head, ...rows].map((cells, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row has no name but its place, and the text never changes
            <tr key={place} className={place === 0 ? "font-medium" : undefined}>
              {cells.map((cell, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above
                <td key={column} className="border-b border-line py-1 pr-4 align-top">
                  <InlineText text={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
