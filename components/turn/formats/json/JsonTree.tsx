"use client"

import { useMemo, useState } from "react"
import { strings } from "@/components/turn/strings"
import { Marked } from "@/components/turn/text/Marked"
import { oneLine } from "@/components/ui/text/showControls"
import { findInJson, isSmallTree } from "./findInJson"
import { JsonNode } from "./JsonNode"
import { JsonTools } from "./JsonTools"

export type JsonTreeProps = {
  value: unknown
  /** If not empty, a flat list of matching keys and values replaces the tree. */
  query: string
  /** The value's JSON pointer in the turn. */
  pointer: string | undefined
}

/** A JSON value as a tree, rendered as it is expanded. */
export function JsonTree({ value, query, pointer }: JsonTreeProps) {
  const isSmall = useMemo(() => isSmallTree(value), [value])
  if (query !== "") return <JsonHits value={value} query={query} />
  return (
    <div className="num" dir="ltr">
      <JsonNode name={undefined} value={value} path="" base={pointer} depth={0} isSmall={isSmall} />
    </div>
  )
}

function JsonHits({ value, query }: { value: unknown; query: string }) {
  const { hits, more } = useMemo(() => findInJson(value, query), [value, query])
  const [open, setOpen] = useState<string>()
  if (hits.length === 0) return <p className="text-ink-3">{strings.json.noResults}</p>
  return (
    <ul className="num" dir="ltr">
      {hits.map((hit) => (
        <li key={hit.path} className="group relative flex items-start gap-2">
          <button
            type="button"
            onClick={() => setOpen(open === hit.path ? undefined : hit.path)}
            className={`min-w-0 flex-1 py-0.5 text-left ${open === hit.path ? "wrap-anywhere whitespace-pre-wrap" : "truncate"}`}
          >
            <span className="text-ink-3">{oneLine(hit.path) || "/"}</span>{" "}
            <Marked text={open === hit.path ? hit.text.slice(0, 4_000) : oneLine(hit.text)} />
          </button>
          <JsonTools path={hit.path} value={() => hit.text} />
        </li>
      ))}
      {more ? <li className="text-ink-3">{strings.json.tooManyHits}</li> : null}
    </ul>
  )
}
