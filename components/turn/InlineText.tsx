import type { ReactNode } from "react"
import { type Inline, parseInline } from "./parseInline"

/** A paragraph's text with its marks; a link leaves no trace of where it was followed from. */
export function InlineText({ text }: { text: string }) {
  return parseInline(text).map((part, place) => drawInline(part, `${place}`))
}

function drawInline(part: Inline, key: string): ReactNode {
  switch (part.mark) {
    case "text":
      return part.text
    case "code":
      return (
        <code key={key} className="num rounded-small bg-surface px-1 ring-1 ring-line ring-inset">
          {part.text}
        </code>
      )
    case "strong":
      return <strong key={key}>{part.text}</strong>
    case "em":
      return <em key={key}>{part.text}</em>
    case "strike":
      return <s key={key}>{part.text}</s>
    case "link":
      return (
        <a
          key={key}
          href={part.href}
          title={part.href}
          target="_blank"
          rel="noopener noreferrer nofollow"
          className="text-accent underline underline-offset-2"
        >
          {part.text}
        </a>
      )
  }
}
